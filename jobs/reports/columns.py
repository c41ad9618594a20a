"""The columns of a table, and the one form of its rows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.reports.values import Cell, ContentError, ValueType, clean_text, clean_value, named

DIGITS = range(7)

Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    """A column's name and the type of its values; `digits` count for decimals."""

    name: str
    type: ValueType = ValueType.TEXT
    unit: str = ""
    digits: int = 1

    def __post_init__(self) -> None:
        """Bring the name to its one form."""
        name = named(self.name, "A column")
        check_digits(self.digits, f"Column {name!r}")
        # The dataclass is frozen for everyone but its own __post_init__.
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "unit", clean_text(self.unit))
        object.__setattr__(self, "type", ValueType(self.type))

    @property
    def label(self) -> str:
        """Return the name with the unit: "High (°C)"."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


def check_digits(digits: int, place: str) -> None:
    """Raise ContentError when so many digits cannot be shown."""
    if digits not in DIGITS:
        raise ContentError(f"{place}: {digits!r} digits cannot be shown. Use 0 to {DIGITS[-1]}.")


def check_columns(columns: Sequence[Column], place: str) -> tuple[Column, ...]:
    """Return `columns`; raise ContentError when there is none, or two of one name."""
    if not columns:
        raise ContentError(f"{place}: it has no columns. Give at least one Column.")
    names = [column.name for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ContentError(f"{place}: two columns are called {twice!r}. Rename one of them.")
    return tuple(columns)


def clean_row(row: Sequence[Cell], columns: Sequence[Column], place: str) -> Row:
    """Return `row` in its one form; raise ContentError with its place when it does not fit."""
    if len(row) != len(columns):
        raise ContentError(
            f"{place}: it has {len(row)} values for {len(columns)} columns. "
            "Give one value, or None, for each column."
        )
    return tuple(
        clean_value(value, column.type, f"{place}, column {column.name!r}")
        for value, column in zip(row, columns, strict=True)
    )
