"""A table as a sheet: header that stays, filter, formats and widths; row by row, in order."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from jobs.reports.content import Column, Table
from jobs.reports.rendering.text import NUMBERS, shown
from jobs.reports.rendering.workbook_cells import number_format, write_cell
from jobs.reports.rendering.workbook_paper import fit_on_paper
from jobs.reports.values import Cell, ValueType

# A sheet has 1,048,576 rows, one of them is the header.
MOST_ROWS = 1_048_575
# Widths are judged by these: later ones are not in memory when the widths are written.
FIRST_ROWS = 200
WIDEST_COLUMN = 60


def write_table(book: Any, name: str, table: Table, zone: str) -> Any:
    """Add the sheet `name` with the rows of `table`, MOST_ROWS at most; return the sheet."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    fit_on_paper(sheet)
    sheet.repeat_rows(0)
    first = table.first_rows(FIRST_ROWS)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, _width(column, [row[at] for row in first], zone))
        header = {"bold": True, "bg_color": "#eef0f4", "bottom": 1} | _place(column)
        sheet.write_string(0, at, _label(column, zone), book.add_format(header))
    _write_rows(book, sheet, table, zone)
    if len(table.rows):
        bottom = min(len(table.rows), MOST_ROWS)
        sheet.autofilter(0, 0, bottom, len(table.columns) - 1)
    return sheet


def _write_rows(book: Any, sheet: Any, table: Table, zone: str) -> None:
    """Write the rows; with constant memory they must come in their order."""
    looks = [
        book.add_format({"num_format": number_format(column)} | _place(column))
        for column in table.columns
    ]
    for number, row in enumerate(islice(table.rows, MOST_ROWS), start=1):
        for at, value in enumerate(row):
            write_cell(sheet, (number, at), value, looks[at], zone)


def _place(column: Column) -> dict[str, Any]:
    """Return where the header and the values stand; a program would part days from their header.

    The indent keeps a text from touching the number before it.
    """
    return {"align": "right"} if column.type in NUMBERS else {"align": "left", "indent": 1}


def _label(column: Column, zone: str) -> str:
    return f"{column.label} ({zone})" if column.type is ValueType.INSTANT else column.label


def _width(column: Column, values: Sequence[Cell], zone: str) -> float:
    lengths = [len(shown(value, zone, column.digits)) for value in values]
    # The indent and the arrow of the filter need room as well.
    return min(max([*lengths, len(_label(column, zone)) + 2]) + 3, WIDEST_COLUMN)
