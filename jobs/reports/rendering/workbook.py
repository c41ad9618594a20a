"""A document as XLSX, in constant memory: the summary, a sheet per table and one per chart."""

from datetime import UTC
from math import ceil
from pathlib import Path
from typing import Any

from jobs.reports.content import Chart
from jobs.reports.document import Document
from jobs.reports.rendering.layout import left_out
from jobs.reports.rendering.sheet_names import sheet_names
from jobs.reports.rendering.workbook_cells import number_format, write_cell
from jobs.reports.rendering.workbook_chart import write_chart
from jobs.reports.rendering.workbook_paper import fit_on_paper
from jobs.reports.rendering.workbook_table import MOST_ROWS, write_table

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
SUMMARY_SHEET = "Summary"
FIRST_FIGURE = 6
# Widths in characters, and what is left of them for words in any font.
COLUMN_WIDTHS = (32, 22, 28, 28)
LINE_CHARACTERS = 90
LINE_POINTS = 15


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
    fit_on_paper(sheet, is_wide=False)
    for at, width in enumerate(COLUMN_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.write_string(0, 0, document.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, document.period.label)
    look = book.add_format({"text_wrap": True, "valign": "top"})
    _write_words(sheet, 2, document.content.summary, look)
    sheet.write_string(3, 0, f"Times in {document.period.zone}")
    _write_words(sheet, 4, document.asked_with, look)
    bottom = _write_figures(book, sheet, document)
    notes = (left_out(document, table, MOST_ROWS) for table in document.content.tables)
    for row, note in enumerate(filter(None, notes), start=bottom + 1):
        sheet.write_string(row, 0, note)


def _write_words(sheet: Any, row: int, words: str, look: Any) -> None:
    """Write words over all columns, on as many lines as they need."""
    if words:
        sheet.set_row(row, LINE_POINTS * ceil(len(words) / LINE_CHARACTERS))
        sheet.merge_range(row, 0, row, len(COLUMN_WIDTHS) - 1, "", look)
    sheet.write_string(row, 0, words, look)


def _write_figures(book: Any, sheet: Any, document: Document) -> int:
    """Write a row for each figure; return the row below them."""
    bold, beside = book.add_format({"bold": True}), book.add_format({"indent": 1})
    zone = document.period.zone
    figures = document.content.figures
    for row, figure in enumerate(figures, start=FIRST_FIGURE):
        sheet.write_string(row, 0, figure.name, bold)
        look = book.add_format({"num_format": number_format(figure), "align": "right"})
        write_cell(sheet, (row, 1), figure.value, look, zone)
        sheet.write_string(row, 2, figure.unit if figure.value is not None else "", beside)
        sheet.write_string(row, 3, figure.note)
    return FIRST_FIGURE + len(figures)
