"""A document for the page template: texts, and charts as SVG in two widths."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from jobs.reports.content import Block, Chart
from jobs.reports.document import Document
from jobs.reports.rendering.chart_svg import chart_svg
from jobs.reports.rendering.layout import chart_as_table, laid_out, texts_of

MOST_ROWS = 500
WIDE, NARROW = 900, 380


@dataclass(frozen=True)
class PageBody:
    """The blocks for the template; a table has the `note` about rows that are not shown."""

    blocks: list[dict[str, Any]]


def page_body(document: Document) -> PageBody:
    """Return what templates/reports/body.html shows."""
    zone = document.period.zone
    blocks = [
        _block(block, part, f"block-{number}", zone)
        for number, (block, part) in enumerate(laid_out(document, MOST_ROWS), start=1)
    ]
    _set_levels(blocks)
    return PageBody(blocks)


def _set_levels(blocks: list[dict[str, Any]]) -> None:
    """Give each table's title its level: under the last heading, or a heading itself."""
    level = 2
    for block in blocks:
        if block["kind"] == "heading":
            level = 3
        elif block["kind"] == "table":
            block["level"] = level


def _block(block: Block, part: dict[str, Any], key: str, zone: str) -> dict[str, Any]:
    shown = part | {"key": key}
    if isinstance(block, Chart):
        shown["wide"] = _safe(chart_svg(block, f"{key}-wide", WIDE))
        shown["narrow"] = _safe(chart_svg(block, f"{key}-narrow", NARROW))
        shown["numbers"] = texts_of(chart_as_table(block), zone, MOST_ROWS)
    return shown


def _safe(svg: str) -> SafeString:
    # rendering.svg escapes all text and attributes; nothing else makes SVG.
    return mark_safe(svg)  # noqa: S308
