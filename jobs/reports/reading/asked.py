"""What an address asks for, checked."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from jobs.reports.reading.days import Days, Unit, days_written

# Beyond them arithmetic with zones leaves the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 8999
EXAMPLES = {Unit.DAY: "2026-11-21", Unit.WEEK: "2026-W47", Unit.MONTH: "2026-11"}


class NoDaysError(ValueError):
    """What was written is no day, week or month; the message says so to who wrote it."""

    def __init__(self, unit: Unit, why: str) -> None:
        super().__init__(why)
        self.unit = unit


def number_in(request: HttpRequest, name: str) -> int | None:
    """Return the whole number, or None without one; raise BadRequest for what is none."""
    given = request.GET.get(name, "")
    if not given:
        return None
    # More digits than any number has would be an error of the database.
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadRequest(f"{name} is not a number.")
    return int(given)


def days_asked(request: HttpRequest) -> Days:
    """Return the day, week or month; raise NoDaysError for what is none.

    Browsers without a field for weeks or months (Firefox, Safari) have people type them.
    """
    unit = next((unit for unit in Unit if unit in request.GET), Unit.DAY)
    written = request.GET.get(unit, "")
    example = f"Write one such as {EXAMPLES[unit]}."
    try:
        days = days_written(unit, written)
    except (ValueError, OverflowError):
        raise NoDaysError(unit, f"“{written}” is no {unit}. {example}") from None
    if not FIRST_YEAR <= days.first.year <= LAST_YEAR:
        why = f"“{written}” is not in the years {FIRST_YEAR} to {LAST_YEAR}."
        raise NoDaysError(unit, why)
    return days
