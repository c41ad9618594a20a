"""A document as PDF, made by typst in a process of its own."""

import json
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

from jobs.reports.content import Block, Chart, Table
from jobs.reports.document import Document
from jobs.reports.rendering import typst_child
from jobs.reports.rendering.chart_svg import chart_svg
from jobs.reports.rendering.layout import laid_out
from jobs.reports.rendering.paper import breakable, paper_for
from jobs.reports.rendering.text import shown

MOST_ROWS = 1_000
CHART_WIDTH = 600
TIMEOUT_SECONDS = 60


class PdfError(Exception):
    """typst could not make the PDF."""


def write_pdf(document: Document, path: Path) -> None:
    """Write `document` to `path`. Raises PdfError when typst fails or takes too long.

    The child is run by its file, without the package: it needs typst and nothing of ours.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-P", typst_child.__file__],
            input=json.dumps(_typst_data(document)).encode(),
            capture_output=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise PdfError(
            f"The PDF of {document.title!r} was not ready after {TIMEOUT_SECONDS} seconds."
        ) from None
    if child.returncode != 0:
        said = child.stderr.decode(errors="replace")[-2000:]
        raise PdfError(f"typst could not make the PDF of {document.title!r}: {said}")
    path.write_bytes(child.stdout)


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
