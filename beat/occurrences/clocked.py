"""The one instant of a schedule that is due once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clocked:
    """A rule with a single instant; make one with `clocked()`."""

    at: datetime

    def next(self, after: datetime) -> datetime | None:
        """Return the instant when it is after `after` (UTC), else None."""
        return self.at if self.at > after else None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instant when it is after `after` and not after `until` (UTC)."""
        if after < self.at <= until:
            yield self.at

    def count_between(self, after: datetime, until: datetime) -> int:
        """Return 1 when the instant is after `after` and not after `until`, else 0."""
        return int(after < self.at <= until)


def clocked(at: datetime) -> Clocked:
    """Return the rule that is due at `at` (aware) and never again."""
    return Clocked(at.astimezone(UTC))
