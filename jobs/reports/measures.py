"""The numbers of a content, for gates, conditions and comparisons. Pure."""

from datetime import timedelta

from jobs.reports.content import Content
from jobs.reports.values import Cell


def row_count(content: Content) -> int:
    """Return how many rows all tables have together, those beyond what is kept too."""
    return sum(table.row_count for table in content.tables)


def measures(content: Content) -> dict[str, float]:
    """Return the figures that are numbers by their names, durations in seconds.

    Of two figures with one name the first counts.
    """
    numbers: dict[str, float] = {}
    for figure in content.figures:
        number = _number(figure.value)
        if number is not None:
            numbers.setdefault(figure.name, number)
    return numbers


def _number(value: Cell) -> float | None:
    match value:
        case timedelta():
            return value.total_seconds()
        case int() | float():
            return value
        case _:
            return None
