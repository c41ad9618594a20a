"""When a person's digest is due, by their own clock. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jobs.runs.local_times import first_instant

WEEKLY = "weekly"
DAY = timedelta(days=1)
# A week, and a day on either side for zones whose clocks jump.
DAYS_LOOKED_AT = 9


class Rhythm(NamedTuple):
    """How often and when: at `hour` of the clock of `zone`; on `weekday` (0: Monday) if weekly."""

    cadence: str
    hour: int
    weekday: int
    zone: str


def last_due(rhythm: Rhythm, now: datetime) -> datetime:
    """Return the latest instant up to `now` (UTC) at which a digest is due."""
    today = now.astimezone(ZoneInfo(rhythm.zone)).date()
    days = (today + DAY - DAY * back for back in range(DAYS_LOOKED_AT + 1))
    return next(instant for instant in _instants(rhythm, days) if instant <= now)


def next_due(rhythm: Rhythm, now: datetime) -> datetime:
    """Return the first instant after `now` (UTC) at which a digest is due."""
    today = now.astimezone(ZoneInfo(rhythm.zone)).date()
    days = (today - DAY + DAY * ahead for ahead in range(DAYS_LOOKED_AT + 1))
    return next(instant for instant in _instants(rhythm, days) if instant > now)


def _instants(rhythm: Rhythm, days: Iterator[date]) -> Iterator[datetime]:
    """Yield when the digest of each of these days is due."""
    for day in days:
        if rhythm.cadence != WEEKLY or day.weekday() == rhythm.weekday:
            yield first_instant(day, time(rhythm.hour), rhythm.zone)
