"""The next instant at which a reader's clock shows a time. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def next_local_time(now: datetime, at: time, zone: str) -> datetime:
    """Return the first instant from `now` on (UTC) at which it is `at` in `zone`.

    A time that does not exist on a day (clocks go forward) is the first instant after the gap;
    one that occurs twice (clocks go back) is the first of the two.
    """
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 3))
    instants = (_instant(datetime.combine(day, at), place) for day in days)
    return next(instant for instant in instants if instant >= now)


def _instant(local: datetime, place: ZoneInfo) -> datetime:
    # PEP 495: in a gap fold=1 is read with the offset after it and so lies before it.
    first = local.replace(tzinfo=place, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=place, fold=1).astimezone(UTC)
    return first if second >= first else _end_of_gap(second, first, place)


def _end_of_gap(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """Return the first instant with the later offset; it lies between the two."""
    later = after.astimezone(place).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(place).utcoffset() == later:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
