"""One value from a column: its sum, mean and so on. Pure."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from math import fsum

from jobs.reports.columns import Column
from jobs.reports.sql.errors import QueryError
from jobs.reports.values import Cell, ValueType

ADDED = (ValueType.WHOLE, ValueType.DECIMAL, ValueType.DURATION)


class Calculation(StrEnum):
    """What is made of a column's values; None among them counts for nothing."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    FIRST = "first"


def type_of_result(calculation: Calculation, column: Column) -> ValueType:
    """Return the type of the value; raise QueryError where the column cannot be calculated so."""
    if calculation is Calculation.COUNT:
        return ValueType.WHOLE
    if calculation in (Calculation.SUM, Calculation.MEAN):
        if column.type not in ADDED:
            raise QueryError(
                f"The {calculation} of {column.name} cannot be made: it is a {column.type}. "
                "Choose another column, or count it."
            )
        is_mean = calculation is Calculation.MEAN and column.type is ValueType.WHOLE
        return ValueType.DECIMAL if is_mean else column.type
    return column.type


def calculated(calculation: Calculation, values: Sequence[Cell]) -> Cell:
    """Return the value of a column's `values`, all of one type; None of none, but 0 of a sum."""
    known = [value for value in values if value is not None]
    return CALCULATED[calculation](known)


def _sum(values: Sequence[Cell]) -> Cell:
    if values and isinstance(values[0], timedelta):
        return sum((one for one in values if isinstance(one, timedelta)), timedelta())
    numbers = [one for one in values if isinstance(one, int | float)]
    if all(isinstance(one, int) for one in numbers):
        return sum(numbers)
    # Exact, so that the order of the rows makes no difference.
    return fsum(numbers)


def _mean(values: Sequence[Cell]) -> Cell:
    total = _sum(values)
    if not values or not isinstance(total, int | float | timedelta):
        return None
    return total / len(values)


def _first(values: Sequence[Cell]) -> Cell:
    return values[0] if values else None


def _smallest(values: Sequence[Cell]) -> Cell:
    return min(values, default=None)  # type: ignore[type-var]  # a column has one type


def _largest(values: Sequence[Cell]) -> Cell:
    return max(values, default=None)  # type: ignore[type-var]  # a column has one type


CALCULATED: dict[Calculation, Callable[[Sequence[Cell]], Cell]] = {
    Calculation.COUNT: len,
    Calculation.SUM: _sum,
    Calculation.MEAN: _mean,
    Calculation.MIN: _smallest,
    Calculation.MAX: _largest,
    Calculation.FIRST: _first,
}
