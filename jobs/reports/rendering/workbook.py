"""A document as XLSX, in constant memory: the summary, a sheet per table and one per chart."""

from datetime import UTC
from pathlib import Path
from typing import Any

from jobs.reports.content import Chart
from jobs.reports.document import Document
from jobs.reports.rendering.layout import left_out
from jobs.reports.rendering.sheet_names import sheet_names
from jobs.reports.rendering.workbook_cells import number_format, write_cell
from jobs.reports.rendering.workbook_chart import write_chart
from jobs.reports.rendering.workbook_table import MOST_ROWS, write_table

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
SUMMARY_SHEET = "Summary"
FIRST_FIGURE = 6


def write_xlsx(document: Document, path: Path) -> None:
    """Write the summary, every table and every chart of `document` to `path`."""
    # Only who makes a workbook reads it: it would be a twentieth of each process's start.
    import xlsxwriter  # noqa: PLC0415

    tables = document.content.tables
    charts = [block for block in document.content.blocks if isinstance(block, Chart)]
    titles = [SUMMARY_SHEET, *(one.title for one in tables), *(one.title for one in charts)]
    names = iter(sheet_names(titles))
    zone = document.period.zone
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties(_properties(document))
        _write_summary(book, next(names), document)
        for table in tables:
            write_table(book, next(names), table, zone)
        for chart in charts:
            write_chart(book, next(names), chart, zone)


def _properties(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "subject": document.period.label,
        "comments": document.description,
        "author": "Punctual",
        # Not when it was made: the same period made twice is the same file.
        "created": document.period.end_at.astimezone(UTC).replace(tzinfo=None),
    }


def _write_summary(book: Any, name: str, document: Document) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 3, 28)
    sheet.write_string(0, 0, document.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, document.period.label)
    sheet.write_string(2, 0, document.content.summary)
    sheet.write_string(3, 0, f"Times in {document.period.zone}")
    sheet.write_string(4, 0, document.asked_with)
    bottom = _write_figures(book, sheet, document)
    notes = (left_out(document, table, MOST_ROWS) for table in document.content.tables)
    for row, note in enumerate(filter(None, notes), start=bottom + 1):
        sheet.write_string(row, 0, note)


def _write_figures(book: Any, sheet: Any, document: Document) -> int:
    """Write a row for each figure; return the row below them."""
    bold = book.add_format({"bold": True})
    zone = document.period.zone
    figures = document.content.figures
    for row, figure in enumerate(figures, start=FIRST_FIGURE):
        sheet.write_string(row, 0, figure.name, bold)
        look = book.add_format({"num_format": number_format(figure), "align": "right"})
        write_cell(sheet, (row, 1), figure.value, look, zone)
        sheet.write_string(row, 2, figure.unit)
        sheet.write_string(row, 3, figure.note)
    return FIRST_FIGURE + len(figures)
