"""The values that a report may hold, and the one form that each is kept in. Pure."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

Cell = str | int | float | Decimal | date | datetime | timedelta | None

# What XML 1.0 and PostgreSQL's JSON cannot hold: control characters but tab and line ends,
# halves of surrogate pairs, and the two non-characters.
UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class ContentError(ValueError):
    """A report's content is not what it says it is; the message names the place."""


class ValueType(StrEnum):
    """The type of a column's or figure's values."""

    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "decimal number"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"


EXPECTED = {
    ValueType.TEXT: "a str",
    ValueType.WHOLE: "an int",
    ValueType.DECIMAL: "an int, a float or a Decimal that is finite",
    ValueType.DATE: "a date without a time",
    ValueType.INSTANT: "a datetime with a time zone",
    ValueType.DURATION: "a timedelta",
}


def clean_text(text: object, place: str = "A text") -> str:
    """Return `text` with what no file format can hold replaced; raise ContentError for no str."""
    if not isinstance(text, str):
        raise ContentError(f"{place}: {text!r} is not a text. Give a str.")
    return UNUSABLE.sub(REPLACEMENT, text)


def named(text: str, place: str) -> str:
    """Return `text` cleaned and without spaces around it; raise ContentError when it is empty."""
    cleaned = clean_text(text, place).strip()
    if not cleaned:
        raise ContentError(f"{place}: its text is empty. Give it one.")
    return cleaned


def clean_value(value: object, type_: ValueType, place: str) -> Cell:
    """Return `value` in its one form: decimals as float, instants in UTC, texts cleaned.

    None stays None. Raises ContentError, with `place`, for a value of another type.
    """
    if value is None:
        return None
    cleaned = CLEANERS[type_](value)
    if cleaned is None:
        raise ContentError(
            f"{place}: {value!r} is not a {type_.value}. Give {EXPECTED[type_]}, or None."
        )
    return cleaned


def _text(value: object) -> Cell:
    return clean_text(value) if isinstance(value, str) else None


def _whole(value: object) -> Cell:
    # A bool is an int to Python; in a report it is a mistake.
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _decimal(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _date(value: object) -> Cell:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _instant(value: object) -> Cell:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(UTC)


def _duration(value: object) -> Cell:
    return value if isinstance(value, timedelta) else None


# Each returns None for a value of another type.
CLEANERS: dict[ValueType, Callable[[object], Cell]] = {
    ValueType.TEXT: _text,
    ValueType.WHOLE: _whole,
    ValueType.DECIMAL: _decimal,
    ValueType.DATE: _date,
    ValueType.INSTANT: _instant,
    ValueType.DURATION: _duration,
}
