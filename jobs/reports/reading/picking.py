"""The version about the days that a reader picks, and how one is made where there is none. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from jobs.reports.periods import Period, PeriodRule
from jobs.reports.reading.days import Days

# A report about a month is due at most so long after the month's first day.
FURTHEST_DAYS = 62


def best_number(versions: Iterable[tuple[int, Period]], days: Days) -> int | None:
    """Return the number of the version that is most about the days; None when none is.

    Of several that hold as much of them, the one with the shortest span counts, and of these the
    newest: a report about the day comes before one about its month.
    """
    rated = [
        (_shared(period, days), period.start_at - period.end_at, number)
        for number, period in versions
    ]
    best = max(rated, default=None)
    return best[2] if best is not None and best[0] > timedelta() else None


def due_for(rule: PeriodRule, days: Days, like: datetime, zone: str) -> datetime | None:
    """Return the first logical instant whose span holds all of the days; None without one.

    Its local time is that of `like`, an instant at which the report was due, so that it is one
    at which the schedule could have run.
    """
    start_at, end_at = days.bounds(zone)
    at = like.astimezone(ZoneInfo(zone)).time()
    for ahead in range(FURTHEST_DAYS):
        local = datetime.combine(days.first + timedelta(days=ahead), at, ZoneInfo(zone))
        due_at = local.astimezone(UTC)
        span = rule(due_at)
        if span.start_at <= start_at and span.end_at >= end_at:
            return due_at
    return None


def _shared(period: Period, days: Days) -> timedelta:
    start_at, end_at = days.bounds(period.zone)
    return min(period.end_at, end_at) - max(period.start_at, start_at)
