"""A document as XLSX: a sheet with the summary, then one for each table, in constant memory."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from jobs.reports.content import Column, Content, Figure, Table
from jobs.reports.document import Document
from jobs.reports.rendering.sheet_names import sheet_names
from jobs.reports.rendering.text import NUMBERS, shown
from jobs.reports.values import Cell, ValueType

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FIRST_ROWS = 200
WIDEST_COLUMN = 60
SUMMARY_SHEET = "Summary"
# A spreadsheet counts days; it has no type for a time span.
DAY = timedelta(days=1)


def write_xlsx(document: Document, path: Path) -> None:
    """Write the summary and every table of `document` to `path`."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties(
            {
                "title": document.title,
                "subject": document.period.label,
                "comments": document.description,
                "author": "Punctual",
                # Without a date xlsxwriter writes the current one, and no two files are equal.
                "created": document.made_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        tables = document.content.tables
        names = sheet_names([SUMMARY_SHEET, *(table.title for table in tables)])
        _write_summary(book, names[0], document)
        for name, table in zip(names[1:], tables, strict=True):
            _write_table(book, name, table, document.period.zone)


def _write_summary(book: Any, name: str, document: Document) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 3, 28)
    sheet.write_string(0, 0, document.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, document.period.label)
    sheet.write_string(2, 0, document.content.summary)
    made = f"Made {shown(document.made_at, document.period.zone)} ({document.period.zone})"
    sheet.write_string(3, 0, made)
    _write_figures(book, sheet, document.content, document.period.zone)


def _write_figures(book: Any, sheet: Any, content: Content, zone: str) -> None:
    bold = book.add_format({"bold": True})
    for row, figure in enumerate(content.figures, start=5):
        sheet.write_string(row, 0, figure.name, bold)
        look = book.add_format({"num_format": _number_format(figure), "align": "right"})
        _write_cell(sheet, (row, 1), figure.value, look, zone)
        sheet.write_string(row, 2, figure.unit)
        sheet.write_string(row, 3, figure.note)


def _write_table(book: Any, name: str, table: Table, zone: str) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    formats = [book.add_format({"num_format": _number_format(column)}) for column in table.columns]
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, _width(table, at, zone))
        align = "right" if column.type in NUMBERS else "left"
        header = book.add_format({"bold": True, "bg_color": "#eef0f4", "align": align, "bottom": 1})
        sheet.write_string(0, at, _label(column, zone), header)
    # With constant memory the rows must come in their order.
    for number, row in enumerate(table.rows, start=1):
        for at, value in enumerate(row):
            _write_cell(sheet, (number, at), value, formats[at], zone)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _label(column: Column, zone: str) -> str:
    return f"{column.label} ({zone})" if column.type is ValueType.INSTANT else column.label


def _width(table: Table, at: int, zone: str) -> float:
    """Return the width of a column, judged by its first rows: later ones are not in memory."""
    column = table.columns[at]
    lengths = [len(shown(row[at], zone, column.digits)) for row in table.rows[:FIRST_ROWS]]
    # The arrow of the filter needs room as well.
    return min(max([*lengths, len(_label(column, zone)) + 2]) + 2, WIDEST_COLUMN)


def _number_format(value: Column | Figure) -> str:
    fraction = "." + "0" * value.digits if value.digits else ""
    return {
        ValueType.TEXT: "@",
        ValueType.WHOLE: "#,##0",
        ValueType.DECIMAL: f"#,##0{fraction}",
        ValueType.DATE: "yyyy-mm-dd",
        ValueType.INSTANT: "yyyy-mm-dd hh:mm:ss",
        ValueType.DURATION: "[h]:mm:ss.00",
    }[value.type]


def _write_cell(sheet: Any, place: tuple[int, int], value: Cell, look: Any, zone: str) -> None:
    match value:
        case None:
            sheet.write_blank(*place, None, look)
        case str():
            # Never `write`, which would make a formula of "=1+1".
            sheet.write_string(*place, value, look)
        case datetime():
            local = value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            sheet.write_datetime(*place, local, look)
        case date():
            sheet.write_datetime(*place, value, look)
        case timedelta():
            sheet.write_number(*place, value / DAY, look)
        case _:
            sheet.write_number(*place, value, look)
