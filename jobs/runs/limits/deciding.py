"""Who of the runs of limited tasks may go now. Pure: `ledger` reads and writes.

Runs are decided in the order given. A run goes when it has a slot of its key and a place in its
rate. One that must wait for a slot takes no place, one that must wait for a place takes no slot.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jobs.runs.limits.declared import Limits
from jobs.runs.limits.rates import Places, holds, take
from jobs.runs.states import WAITS_FOR_RATE, WAITS_FOR_SLOT


class Asking(NamedTuple):
    """A run of a limited task that asks to go."""

    id: UUID
    attempt: int
    key: str
    limits: Limits
    publish_at: datetime
    reason: str


class Verdict(NamedTuple):
    """What becomes of it, as columns of its row; it goes unless there is a reason why not."""

    key: str
    slot: int | None
    publish_at: datetime
    reason: str
    reason_text: str
    id: UUID
    attempt: int


@dataclass
class Standing:
    """How the keys stand: the slots held (by whom), who waits first, the places given."""

    held: dict[str, dict[int, UUID]] = field(default_factory=dict)
    first_waiting_at: dict[str, datetime] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)

    def has_slot(self, run: Asking) -> bool:
        """Return whether the run was let go before: a beat died, or the broker forgot it."""
        return run.id in self.held.get(run.key, {}).values()

    def free_slot(self, run: Asking, most: int) -> int | None:
        """Return the lowest free slot, or None when none is or somebody has waited for longer.

        A limit that was lowered leaves more held than there may be: none is free then.
        """
        held = self.held.get(run.key, {})
        first_at = self.first_waiting_at.get(run.key)
        if len(held) >= most or (first_at is not None and first_at < run.publish_at):
            return None
        return next(slot for slot in range(most) if slot not in held)


def decide(runs: Iterable[Asking], standing: Standing, now: datetime) -> list[Verdict]:
    """Return a verdict for each run that has no slot yet; `standing` becomes what it is then."""
    return [_judge(run, standing, now) for run in runs if not standing.has_slot(run)]


def _judge(run: Asking, standing: Standing, now: datetime) -> Verdict:
    slot = None
    if run.limits.concurrency is not None:
        slot = standing.free_slot(run, run.limits.concurrency)
        if slot is None:
            text = _slot_text(run, len(standing.held.get(run.key, {})), run.limits.concurrency)
            return Verdict(run.key, None, run.publish_at, WAITS_FOR_SLOT, text, run.id, run.attempt)
    go_at = _place(run, standing, now)
    if go_at > now:
        return Verdict("", None, go_at, WAITS_FOR_RATE, _rate_text(run), run.id, run.attempt)
    if slot is None:
        return Verdict("", None, run.publish_at, "", "", run.id, run.attempt)
    standing.held.setdefault(run.key, {})[slot] = run.id
    return Verdict(run.key, slot, run.publish_at, "", "", run.id, run.attempt)


def _place(run: Asking, standing: Standing, now: datetime) -> datetime:
    """Return when the run may start by its rate."""
    period = run.limits.period
    if period is None or (run.reason == WAITS_FOR_RATE and holds(run.publish_at, now)):
        return now
    go_at, standing.places[run.key] = take(standing.places.get(run.key), now, period)
    return go_at


def _slot_text(run: Asking, held: int, most: int) -> str:
    if held < most:
        return f'It waits behind a run of "{run.key}" that has waited for longer.'
    runs, verb = ("1 run", "is") if held == 1 else (f"{held} runs", "are")
    return f'It waits: {runs} of "{run.key}" {verb} under way, and at most {most} may be.'


def _rate_text(run: Asking) -> str:
    return f'It waits for its turn: of "{run.key}" {run.limits.rate} may start.'
