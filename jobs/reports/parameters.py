"""What a report can be asked with: parameters, each with a type. Pure.

A schedule gives them as JSON, a form as texts, a builder gets values of Python.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from keyword import iskeyword

from jobs.reports.values import UNUSABLE, Cell, ValueType, clean_value

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TAKEN_NAMES = {"period", "period_start", "period_end", "period_first_day", "period_last_day"}
TYPES = (ValueType.TEXT, ValueType.WHOLE, ValueType.DECIMAL, ValueType.DATE, ValueType.INSTANT)
TEXT_LENGTH = 10_000
# What PostgreSQL, SQLite and DuckDB all hold in 64 bits.
WHOLE_NUMBERS = range(-(2**63), 2**63)
# More digits than a double has; int() and Decimal() take longer than linear for very long texts.
NUMBER_LENGTH = 64


class ParameterError(ValueError):
    """A parameter is declared, or given, in a way that cannot work; the message names it."""


@dataclass(frozen=True)
class Parameter:
    """A value that a schedule may give: `Parameter("country", default="DE")`.

    Without a default it has to be given. With `choices` it is one of these texts.
    """

    name: str
    type: ValueType = ValueType.TEXT
    default: Cell = None
    help: str = ""
    choices: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check the declaration; raise ParameterError with a sentence."""
        if not NAME.fullmatch(self.name) or iskeyword(self.name) or self.name in TAKEN_NAMES:
            raise ParameterError(
                f"The parameter {self.name!r} cannot be called so. Use lower-case letters, digits "
                f"and underscores, and none of: {', '.join(sorted(TAKEN_NAMES))}."
            )
        if self.type not in TYPES or (self.choices and self.type is not ValueType.TEXT):
            raise ParameterError(
                f"The parameter {self.name!r} cannot have the type {self.type}. "
                f"Use one of: {', '.join(TYPES)}; choices are texts."
            )
        object.__setattr__(self, "choices", tuple(self.choices))
        if self.default is not None:
            object.__setattr__(self, "default", self.read(self.default))

    def read(self, given: object) -> Cell:
        """Return the value that `given` means, a text or a value of JSON or Python.

        Decimals become floats, instants UTC. Raises ParameterError with a sentence.
        """
        try:
            value = clean_value(READERS[self.type](given), self.type, "It")
        except (ValueError, InvalidOperation, OverflowError):
            value = None
        if value is None:
            raise ParameterError(
                f"The parameter {self.name!r} is {_shown(given)}, which is not a {self.type}. "
                f"Write {WRITTEN[self.type]}."
            )
        if self.choices and value not in self.choices:
            raise ParameterError(
                f"The parameter {self.name!r} is {_shown(given)}. "
                f"Write one of: {', '.join(self.choices)}."
            )
        return value


def checked(parameters: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Cell]:
    """Return the value of every parameter: what is given, else its default.

    Raises ParameterError for a name that there is not, a value of another type, and one that is
    missing.
    """
    names = [parameter.name for parameter in parameters]
    for name in given:
        if name not in names:
            raise ParameterError(
                f"There is no parameter {_shown(name)}. There are: {', '.join(names) or 'none'}."
            )
    return {
        parameter.name: _value(parameter, given.get(parameter.name)) for parameter in parameters
    }


def check_declared(parameters: Sequence[Parameter]) -> None:
    """Raise ParameterError when two parameters have one name."""
    names = [parameter.name for parameter in parameters]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ParameterError(f"Two parameters are called {twice!r}. Rename one of them.")


def _value(parameter: Parameter, given: object) -> Cell:
    if given is not None:
        return parameter.read(given)
    if parameter.default is None:
        raise ParameterError(
            f"The parameter {parameter.name!r} is missing. Give it in the schedule's arguments: "
            f'"parameters": {{"{parameter.name}": …}}.'
        )
    return parameter.default


def _shown(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _text(given: object) -> object:
    # A value that would be changed by cleaning is refused: a search for it would find another.
    if not isinstance(given, str) or len(given) > TEXT_LENGTH or UNUSABLE.search(given):
        return None
    return given


def _whole(given: object) -> object:
    if isinstance(given, str) and len(given) <= NUMBER_LENGTH:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool):
        return None
    return given if given in WHOLE_NUMBERS else None


def _decimal(given: object) -> object:
    return Decimal(given) if isinstance(given, str) and len(given) <= NUMBER_LENGTH else given


def _date(given: object) -> object:
    return date.fromisoformat(given) if isinstance(given, str) else given


def _instant(given: object) -> object:
    return datetime.fromisoformat(given) if isinstance(given, str) else given


# Each returns a value for `clean_value`, or raises; a value of another type is refused there.
READERS: dict[ValueType, Callable[[object], object]] = {
    ValueType.TEXT: _text,
    ValueType.WHOLE: _whole,
    ValueType.DECIMAL: _decimal,
    ValueType.DATE: _date,
    ValueType.INSTANT: _instant,
}
WRITTEN = {
    ValueType.TEXT: f"a text of at most {TEXT_LENGTH:,} characters, without control characters",
    ValueType.WHOLE: "a number like 12",
    ValueType.DECIMAL: "a number like 12.5",
    ValueType.DATE: "a day like 2026-11-21",
    ValueType.INSTANT: "an instant with its offset, like 2026-11-21T06:00:00+01:00",
}
