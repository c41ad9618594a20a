"""What an address asks for, checked."""

from datetime import date

from django.core.exceptions import BadRequest
from django.http import HttpRequest

# Beyond them arithmetic with zones leaves the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 8999


def number_in(request: HttpRequest, name: str) -> int | None:
    """Return the whole number, or None without one; raise BadRequest for what is none."""
    given = request.GET.get(name, "")
    if not given:
        return None
    # More digits than any number has would be an error of the database.
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadRequest(f"{name} is not a number.")
    return int(given)


def day_asked(request: HttpRequest, name: str) -> date:
    """Return the day; raise BadRequest for what is none."""
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        raise BadRequest(f"{name} is not a day such as 2026-11-21.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadRequest(f"{name} is not in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day
