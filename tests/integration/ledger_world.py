"""What the ledger cannot see: messages on their way, tasks that are executed, beats' hands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from jobs.runs.publishing import Outgoing
from jobs.runs.transitions import Message
from tests.integration.outgoing_runs import NOW


@dataclass
class Sent:
    """A message on its way: it may arrive at any time, twice, or never."""

    message: Message
    by_beat: bool


@dataclass
class Hands:
    """What a beat is about to hand over."""

    beat: str
    runs: list[Outgoing]
    is_sent: bool = False


@dataclass(frozen=True)
class Execution:
    """A task that is really being executed, whatever the ledger says."""

    run_id: UUID
    attempt: int
    worker_id: UUID


class Seen(NamedTuple):
    """What is asserted about a run."""

    id: UUID
    state: str
    attempt: int
    schedule_id: int | None
    task: str
    args: list[Any]
    is_whole: bool


@dataclass
class World:
    """What the ledger cannot see."""

    now: datetime = NOW
    messages: list[Sent] = field(default_factory=list)
    hands: list[Hands] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    # Its worker died; nobody knows yet.
    dead: list[Execution] = field(default_factory=list)
    rescued: list[Execution] = field(default_factory=list)
    ended: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    made: int = 0

    def new_id(self) -> UUID:
        """Return an id that is the same whenever the same things have happened."""
        self.made += 1
        return UUID(int=self.made)

    def passes(self, seconds: float = 0.001) -> datetime:
        """Let time pass; return what time it is then."""
        self.now += timedelta(seconds=seconds)
        return self.now


def key_of(run: Seen) -> str:
    """Return the key that the limits of the run's task give it."""
    return f"feed:{run.args[0]}" if run.task == "tests.fetch_feed" else run.task.split(".")[-1]
