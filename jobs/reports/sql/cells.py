"""A driver's values as the cells of a column. Pure."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from jobs.reports.sql.errors import QueryError
from jobs.reports.values import ValueType

# Whatever a text holds beyond this, no spreadsheet would take it either.
TEXT_LENGTH = 32_767


def as_cell(value: object, type_: ValueType, zone: str) -> object:
    """Return `value` as its column's type; what does not fit comes back as it is, to be refused.

    An instant without an offset is one of `zone`; a text that is one is UTC without it, as
    Django writes it into SQLite. A number is a duration's seconds. Raises QueryError for what no
    column holds: bytes, and texts that are too long.
    """
    if value is None:
        return None
    if isinstance(value, bytes | bytearray | memoryview):
        raise QueryError("A value is made of bytes. Cast the column to a text in the query.")
    return CONVERTERS[type_](value, zone)


def type_of_value(value: object) -> ValueType:
    """Return the type of a value whose column has none; a text is never taken for a day."""
    if isinstance(value, int) and not isinstance(value, bool):
        return ValueType.WHOLE
    return ValueType.DECIMAL if isinstance(value, float) else ValueType.TEXT


def _text(value: object, _: str) -> object:
    match value:
        case str():
            text = value
        case bool():
            text = "yes" if value else "no"
        case Decimal():
            text = f"{value:f}"
        case dict() | list() | tuple():
            text = json.dumps(value, default=str, ensure_ascii=False)
        case _:
            text = str(value)
    if len(text) > TEXT_LENGTH:
        raise QueryError(
            f"A text has {len(text):,} characters. Shorten it in the query to {TEXT_LENGTH:,}."
        )
    return text


def _whole(value: object, _: str) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal | float) and value == value // 1:
        return int(value)
    return value


def _decimal(value: object, _: str) -> object:
    return value


def _date(value: object, zone: str) -> object:
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(ZoneInfo(zone))).date()
    return _read(date.fromisoformat, value)


def _instant(value: object, zone: str) -> object:
    if isinstance(value, str):
        value = _read(datetime.fromisoformat, value)
        zone = "UTC"
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _duration(value: object, _: str) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return timedelta(seconds=float(value))


def _read(read: Callable[[str], date], value: object) -> object:
    """Return what `read` makes of a text; any other value as it is, and a text that is none."""
    try:
        return read(value) if isinstance(value, str) else value
    except ValueError:
        return value


CONVERTERS: dict[ValueType, Callable[[object, str], object]] = {
    ValueType.TEXT: _text,
    ValueType.WHOLE: _whole,
    ValueType.DECIMAL: _decimal,
    ValueType.DATE: _date,
    ValueType.INSTANT: _instant,
    ValueType.DURATION: _duration,
}
