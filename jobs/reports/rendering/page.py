"""A document for the page template: texts, and charts as SVG in two widths."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from jobs.reports.content import Block, Chart
from jobs.reports.document import Document
from jobs.reports.rendering.chart_svg import chart_svg
from jobs.reports.rendering.layout import chart_as_table, laid_out, rows_left_out

MOST_ROWS = 500
WIDE, NARROW = 900, 380


@dataclass(frozen=True)
class PageBody:
    """The blocks for the template, and the sentence about rows that were left out."""

    blocks: list[dict[str, Any]]
    note: str


def page_body(document: Document) -> PageBody:
    """Return what templates/reports/body.html shows."""
    zone = document.period.zone
    blocks = [
        _block(block, f"block-{number}", zone)
        for number, block in enumerate(document.content.blocks, start=1)
    ]
    _set_levels(blocks)
    return PageBody(blocks, rows_left_out(document, MOST_ROWS))


def _set_levels(blocks: list[dict[str, Any]]) -> None:
    """Give each table's title its level: under the last heading, or a heading itself."""
    level = 2
    for block in blocks:
        if block["kind"] == "heading":
            level = 3
        elif block["kind"] == "table":
            block["level"] = level


def _block(block: Block, key: str, zone: str) -> dict[str, Any]:
    shown = laid_out(block, zone, MOST_ROWS) | {"key": key}
    if isinstance(block, Chart):
        shown["wide"] = _safe(chart_svg(block, f"{key}-wide", WIDE))
        shown["narrow"] = _safe(chart_svg(block, f"{key}-narrow", NARROW))
        shown["numbers"] = laid_out(chart_as_table(block), zone, MOST_ROWS)
    return shown


def _safe(svg: str) -> SafeString:
    # rendering.svg escapes all text and attributes; nothing else makes SVG.
    return mark_safe(svg)  # noqa: S308
