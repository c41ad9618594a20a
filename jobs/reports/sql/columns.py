"""The columns of an SQL report: what its writer declared, and what the driver says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.reports.columns import Column
from jobs.reports.sql.answer import AnswerColumn
from jobs.reports.sql.cells import type_of_value
from jobs.reports.sql.errors import QueryError
from jobs.reports.values import ValueType

DECIMAL_DIGITS = 2


@dataclass(frozen=True)
class DeclaredColumn:
    """How a column of the answer is called and shown; no type: as the driver says."""

    name: str
    label: str = ""
    type: ValueType | None = None
    unit: str = ""
    digits: int | None = None

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> "DeclaredColumn":
        """Return the column that a definition keeps."""
        return cls(
            stored["name"],
            stored.get("label", ""),
            ValueType(stored["type"]) if stored.get("type") else None,
            stored.get("unit", ""),
            stored.get("digits"),
        )


def columns_of(
    answered: Sequence[AnswerColumn],
    first_rows: Sequence[Sequence[object]],
    declared: Sequence[DeclaredColumn],
) -> list[Column]:
    """Return the columns of the answer, in its order.

    Where neither the writer nor the driver says a type, the first rows do. Raises QueryError for
    a declared column that the answer does not have.
    """
    names = [column.name for column in answered]
    by_name = {column.name: column for column in declared}
    for name in by_name:
        if name not in names:
            raise QueryError(
                f"The column {name} is declared, but the answer has: {', '.join(names)}. "
                "Correct its name, or take it away."
            )
    return [
        _column(column, by_name.get(column.name), [row[place] for row in first_rows])
        for place, column in enumerate(answered)
    ]


def _column(
    answered: AnswerColumn, declared: DeclaredColumn | None, values: Sequence[object]
) -> Column:
    known = declared or DeclaredColumn(answered.name)
    type_ = known.type or answered.type or _type_of_values(values)
    digits = DECIMAL_DIGITS if known.digits is None else known.digits
    return Column(known.label or answered.name, type_, known.unit, digits)


def _type_of_values(values: Sequence[object]) -> ValueType:
    """Return the one type of all values; numbers of both kinds are decimals."""
    types = {type_of_value(value) for value in values if value is not None}
    if types == {ValueType.WHOLE, ValueType.DECIMAL}:
        return ValueType.DECIMAL
    return types.pop() if len(types) == 1 else ValueType.TEXT
