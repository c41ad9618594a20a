"""A document as PDF, made by typst in a process of its own."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

from jobs.reports.content import Block, Chart, Table
from jobs.reports.document import Document
from jobs.reports.rendering.chart_svg import chart_svg
from jobs.reports.rendering.layout import laid_out
from jobs.reports.rendering.paper import breakable, paper_for
from jobs.reports.rendering.text import shown
from jobs.reports.rendering.typst_process import TypstFailedError, made_by_typst

MOST_ROWS = 1_000
CHART_WIDTH = 600
TIMEOUT_SECONDS = 60


class PdfError(Exception):
    """typst could not make the PDF."""


def write_pdf(document: Document, path: Path) -> None:
    """Write `document` to `path`. Raises PdfError when typst fails or takes too long."""
    try:
        made = made_by_typst("pdf", json.dumps(_typst_data(document)), TIMEOUT_SECONDS)
    except TypstFailedError as problem:
        raise PdfError(f"typst could not make the PDF of {document.title!r}: {problem}") from None
    path.write_bytes(made)


def _typst_data(document: Document) -> dict[str, Any]:
    """Return what report.typ reads."""
    zone = document.period.zone
    # The date in the file's metadata is read as UTC.
    made_at = document.made_at.astimezone(UTC)
    names = ("year", "month", "day", "hour", "minute", "second")
    return {
        "title": document.title,
        "description": document.description,
        "summary": breakable(document.content.summary),
        "period": document.period.label,
        "parameters": breakable(document.asked_with),
        "made": f"Made {shown(made_at, zone)} ({zone})",
        "made_at": {name: getattr(made_at, name) for name in names},
        "blocks": [_part(block, breakable(part)) for block, part in laid_out(document, MOST_ROWS)],
    }


def _part(block: Block, part: dict[str, Any]) -> dict[str, Any]:
    match block:
        case Chart():
            part["svg"] = chart_svg(block, "chart", CHART_WIDTH)
        case Table():
            part["lying"], part["size"] = paper_for(part)
    return part
