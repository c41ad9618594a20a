"""The version about a day that a reader picks, and how one is made where there is none. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jobs.reports.periods import Period, PeriodRule

ONE_DAY = timedelta(days=1)
# A report about a month is due at most so long after the month's first day.
FURTHEST_DAYS = 62
ABOUT_A_DAY = timedelta(hours=36)
ABOUT_A_WEEK = timedelta(days=10)


def day_in(day: date, zone: str) -> Period:
    """Return the local day as a span."""
    start = datetime.combine(day, time(), ZoneInfo(zone))
    return Period(start, datetime.combine(day + ONE_DAY, time(), ZoneInfo(zone)), zone)


def best_number(versions: Iterable[tuple[int, Period]], day: date) -> int | None:
    """Return the number of the version that is most about the day; None when none is.

    Of several that hold as much of it, the one with the shortest span counts, and of these the
    newest: a report about the day comes before one about its month.
    """
    rated = [
        (_shared(period, day), period.start_at - period.end_at, number)
        for number, period in versions
    ]
    best = max(rated, default=None)
    return best[2] if best is not None and best[0] > timedelta() else None


def due_for(rule: PeriodRule, day: date, like: datetime, zone: str) -> datetime | None:
    """Return the first logical instant whose span holds the whole day; None without one.

    Its local time is that of `like`, an instant at which the report was due, so that it is one
    at which the schedule could have run.
    """
    wanted = day_in(day, zone)
    at = like.astimezone(ZoneInfo(zone)).time()
    for days in range(FURTHEST_DAYS):
        local = datetime.combine(day + timedelta(days=days), at, ZoneInfo(zone))
        due_at = local.astimezone(UTC)
        span = rule(due_at)
        if span.start_at <= wanted.start_at and span.end_at >= wanted.end_at:
            return due_at
    return None


def span_in_words(period: Period) -> str:
    """Return what a reader picks: "day", "week" or "month", by how long a version's span is."""
    length = period.end_at - period.start_at
    if length <= ABOUT_A_DAY:
        return "day"
    return "week" if length <= ABOUT_A_WEEK else "month"


def _shared(period: Period, day: date) -> timedelta:
    wanted = day_in(day, period.zone)
    return min(period.end_at, wanted.end_at) - max(period.start_at, wanted.start_at)
