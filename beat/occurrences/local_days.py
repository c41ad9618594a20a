"""Which instants a local day has: where its clock is set forward or back, and by how much.

zoneinfo does not tell its transitions, so that they are found by looking at the offset.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
LOOK_EVERY = timedelta(hours=1)
# No offset from UTC was ever larger than 15 h 56 min (Manila before 1844): so much on both sides of
# the day in UTC holds all of the local one.
MARGIN = timedelta(hours=16)


@dataclass(frozen=True)
class Stretch:
    """A time without a change of the clock: from `start` to before `end` (both naive UTC)."""

    start: datetime
    end: datetime
    offset: timedelta


def offset_if_even(zone: ZoneInfo, day: date) -> timedelta | None:
    """Return the offset from UTC during a local day, or None when it changes on that day."""
    midnight = datetime.combine(day, time())
    at_start = midnight.replace(tzinfo=zone).utcoffset()
    at_end = (midnight + ONE_DAY).replace(tzinfo=zone, fold=1).utcoffset()
    return at_start if at_start == at_end else None


@lru_cache(maxsize=1024)
def stretches_around(zone: ZoneInfo, day: date) -> tuple[Stretch, ...]:
    """Return the stretches that cover a local day and more on both sides, in order."""
    midnight = datetime.combine(day, time())
    begin, finish = midnight - MARGIN, midnight + ONE_DAY + MARGIN
    found: list[Stretch] = []
    start, offset = begin, _offset(zone, begin)
    at = begin
    while at < finish:
        step = min(at + LOOK_EVERY, finish)
        if _offset(zone, step) != offset:
            change = _change_between(zone, at, step)
            found.append(Stretch(start, change, offset))
            start, offset = change, _offset(zone, change)
            at = change
        else:
            at = step
    found.append(Stretch(start, finish, offset))
    return tuple(found)


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second at which the offset is no longer the one of `before`."""
    offset = _offset(zone, before)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    """Return the offset from UTC at a naive UTC instant."""
    return instant.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta(0)
