"""The instants of an interval: its anchor plus whole multiples of its length."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beat.occurrences.rules import RuleError

# The periods of django-celery-beat's IntervalSchedule.
PERIODS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "microseconds": timedelta(microseconds=1),
}


@dataclass(frozen=True)
class Interval:
    """A rule that is due every `every`, counted from `anchor_at`; make one with `interval()`.

    `first` is the smallest multiple that is due: 0 when the anchor itself is an instant. Elapsed
    time counts, not the clock on the wall: one day is 24 hours, also where the clock changes.
    """

    every: timedelta
    anchor_at: datetime
    first: int

    def next(self, after: datetime) -> datetime | None:
        """Return the first instant after `after` (UTC), or None beyond the year 9999."""
        try:
            return self.anchor_at + self._first_after(after) * self.every
        except OverflowError:
            return None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Return the instants after `after` up to and including `until`, in order (UTC)."""
        multiples = range(self._first_after(after), self._first_after(until))
        return (self.anchor_at + multiple * self.every for multiple in multiples)

    def count_between(self, after: datetime, until: datetime) -> int:
        """Return how many instants `between` would yield; takes the same time for any span."""
        return max(0, self._first_after(until) - self._first_after(after))

    def _first_after(self, after: datetime) -> int:
        return max(self.first, (after - self.anchor_at) // self.every + 1)


def interval(
    every: int, period: str, anchor_at: datetime, *, includes_anchor: bool = False
) -> Interval:
    """Return the rule of `every` times `period`; raises RuleError.

    `period` is days, hours, minutes, seconds or microseconds, as django-celery-beat has them.
    """
    if period not in PERIODS:
        raise RuleError(f"The period {period!r} is unknown; choose one of {', '.join(PERIODS)}.")
    if every < 1:
        raise RuleError(f"The interval is {every} {period}; it must be at least 1.")
    try:
        length = every * PERIODS[period]
    except OverflowError:
        raise RuleError(
            f"The interval of {every} {period} is too long; write a shorter one."
        ) from None
    return Interval(length, anchor_at.astimezone(UTC), 0 if includes_anchor else 1)
