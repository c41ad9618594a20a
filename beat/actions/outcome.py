"""What came of an action: how many, which were refused, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

REFUSALS_TOLD = 3


class ActionRefusedError(Exception):
    """The action as a whole cannot be meant so; nothing was done. The text says what to do."""


@dataclass(frozen=True)
class Refusal:
    """A schedule for which it was not done, and why, as a sentence."""

    schedule_id: int
    name: str
    why: str


@dataclass(frozen=True)
class Outcome:
    """`what` was done ("Paused") to the `done` schedules; `made` are new runs or rows, by id."""

    what: str
    done: Sequence[int]
    refused: Sequence[Refusal] = ()
    made: Sequence[UUID | int] = ()
    note: str = ""
    counted: str = "schedule"
    # How many of `counted` it was done to, where these are not the schedules.
    count: int | None = None

    @property
    def is_refused(self) -> bool:
        """Return whether nothing was done though something was asked for."""
        return not self.done and bool(self.refused)

    def sentences(self) -> list[str]:
        """Return what to tell the one who asked: what was done, and the first refusals."""
        return [text for text in (self.done_sentence(), self.refused_sentence()) if text]

    def done_sentence(self) -> str:
        """Return how many it was done to; empty when to none."""
        count = len(self.done) if self.count is None else self.count
        if not count and (self.refused or not self.note):
            return "" if self.refused else "There was nothing to do."
        return " ".join(filter(None, (f"{self.what}: {counted(count, self.counted)}.", self.note)))

    def refused_sentence(self) -> str:
        """Return how many were refused and why the first were; empty when none was."""
        if not self.refused:
            return ""
        told = " ".join(f"{one.name}: {one.why}" for one in self.refused[:REFUSALS_TOLD])
        if len(self.refused) == 1:
            return f"Refused for {told}"
        return f"Refused for {counted(len(self.refused), 'schedule')}. {told}"


def counted(count: int, noun: str) -> str:
    """Return "1 schedule" or "2,000 schedules"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
