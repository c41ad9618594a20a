"""What every kind of rule can tell: its next instant, and those between two instants."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


class RuleError(ValueError):
    """A rule that cannot be read, or that can never be due; says what is wrong and what to do."""


class Rule(Protocol):
    """When a schedule is due. All instants are aware and in UTC; rules never ask the clock."""

    def next(self, after: datetime) -> datetime | None:
        """Return the first instant after `after` (exclusive), or None when there is none."""
        ...

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants after `after` up to and including `until`, in order."""
        ...

    def count_between(self, after: datetime, until: datetime) -> int:
        """Return how many instants `between` would yield, without keeping them."""
        ...
