"""A rule that is asked for the same instant thousands of times within one claim."""

from collections.abc import Iterator
from datetime import datetime

from beat.occurrences.rules import Rule


class RememberingRule:
    """A rule whose next instants are computed once; it lives as long as one claim.

    Schedules with equal rules mostly fall due together, and a crontab's next instant costs about
    as much as all the rest that a claim does for one schedule in Python.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._next: dict[datetime, datetime | None] = {}

    def next(self, after: datetime) -> datetime | None:
        """Return the first instant after `after`, or None when there is none."""
        try:
            return self._next[after]
        except KeyError:
            found = self._next[after] = self._rule.next(after)
            return found

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants after `after` up to and including `until`, in order."""
        return self._rule.between(after, until)

    def count_between(self, after: datetime, until: datetime) -> int:
        """Return how many instants `between` would yield."""
        return self._rule.count_between(after, until)
