"""Values as cells of a spreadsheet: of their own type wherever spreadsheets have one."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jobs.reports.content import Column, Figure
from jobs.reports.rendering.text import shown
from jobs.reports.values import Cell, ValueType

# What Excel takes, after "Excel specifications and limits".
MOST_CHARACTERS = 32_767
MOST_DIGITS_VALUE = 10**15
# Its days are counted from 1900, a year that it believes to be a leap year.
FIRST_DAY = date(1900, 3, 1)
# A spreadsheet counts days; it has no type for a time span.
DAY = timedelta(days=1)


def number_format(value: Column | Figure) -> str:
    """Return the spreadsheet's format for the values of a column, or for a figure."""
    fraction = "." + "0" * value.digits if value.digits else ""
    return {
        ValueType.TEXT: "@",
        ValueType.WHOLE: "#,##0",
        ValueType.DECIMAL: f"#,##0{fraction}",
        ValueType.DATE: "yyyy-mm-dd",
        ValueType.INSTANT: "yyyy-mm-dd hh:mm:ss",
        ValueType.DURATION: "[h]:mm:ss.00",
    }[value.type]


def write_cell(sheet: Any, place: tuple[int, int], value: Cell, look: Any, zone: str) -> None:
    """Write `value` at (row, column); what a spreadsheet would falsify is written as a text."""
    match value:
        case None:
            sheet.write_blank(*place, None, look)
        case str():
            # Never `write`, which would make a formula of "=1+1".
            sheet.write_string(*place, _fitting(value), look)
        case datetime() if value.date() > FIRST_DAY:
            local = value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            sheet.write_datetime(*place, local, look)
        case date() if not isinstance(value, datetime) and value >= FIRST_DAY:
            sheet.write_datetime(*place, value, look)
        case timedelta() if value >= timedelta(0):
            sheet.write_number(*place, value / DAY, look)
        case int() if abs(value) >= MOST_DIGITS_VALUE:
            sheet.write_string(*place, str(value), look)
        case int() | float():
            sheet.write_number(*place, value, look)
        case _:
            sheet.write_string(*place, _fitting(shown(value, zone)), look)


def _fitting(text: str) -> str:
    """Return `text`, cut to what a cell can hold; the other formats have all of it."""
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[: MOST_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
