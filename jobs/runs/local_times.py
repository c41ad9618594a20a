"""Instants of local times: what a clock in a zone shows, also where it is changed. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def first_instant(day: date, at: time, zone: str) -> datetime:
    """Return the first instant (UTC) from which on it is `at` on `day`, or later, in `zone`.

    A time that does not exist (clocks go forward) is the first instant after the gap; one that
    occurs twice (clocks go back) is the first of the two.
    """
    place, wanted = ZoneInfo(zone), datetime.combine(day, at)
    latest = wanted.replace(tzinfo=place).astimezone(UTC)
    # PEP 495: in a gap fold=1 is read with the offset after it and so lies before it.
    earliest = wanted.replace(tzinfo=place, fold=1).astimezone(UTC)
    if earliest >= latest:
        return latest
    while latest - earliest > SECOND:
        middle = earliest + (latest - earliest) // 2
        is_there = middle.astimezone(place).replace(tzinfo=None) >= wanted
        earliest, latest = (earliest, middle) if is_there else (middle, latest)
    # Clocks change at whole seconds.
    return latest.replace(microsecond=0)


def next_local_time(now: datetime, at: time, zone: str) -> datetime:
    """Return the first instant from `now` on (UTC) at which it is `at` in `zone`."""
    today = now.astimezone(ZoneInfo(zone)).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 3))
    instants = (first_instant(day, at, zone) for day in days)
    return next(instant for instant in instants if instant >= now)
