"""What becomes of a run that is due while another one of its schedule is under way.

Runs of a schedule have one order that every beat sees alike: those between two attempts or
waiting for their rate first, then by `publish_at`. Of two that are due, the earlier one is in
the way of the later one, never the other way round; so two beats that decide about one each agree
without a lock. The unique index `run_no_overlap` is the backstop. A run that allows overlap is in
nobody's way.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from jobs.runs.models import Run
from jobs.runs.publishing import Outgoing, among
from jobs.runs.states import WAITS_FOR_RATE, Overlap, State


class UnderWay(NamedTuple):
    """A run that may be in the way; `state` is pending for one of the same batch."""

    id: UUID
    attempt: int
    schedule_id: int
    state: str
    due_at: datetime
    publish_at: datetime
    reason: str


@dataclass
class Decision:
    """Who goes, who is skipped or waits (each with the run in the way), who is cancelled."""

    go: list[Outgoing] = field(default_factory=list)
    skipped: list[tuple[Outgoing, UnderWay]] = field(default_factory=list)
    waiting: list[tuple[Outgoing, UnderWay]] = field(default_factory=list)
    cancelled: list[tuple[UnderWay, Outgoing]] = field(default_factory=list)


def under_way(runs: Sequence[Outgoing], now: datetime) -> list[UnderWay]:
    """Return what may be in the way of `runs`, all of which are leased to this beat.

    They themselves are not among it; what else this beat has leased may be.
    """
    schedules = {run.schedule_id for run in runs if run.schedule_id is not None and _minds(run)}
    if not schedules:
        return []
    of_these = Run.objects.filter(among("schedule_id", schedules), ~Q(overlap=Overlap.ALLOW))
    columns = UnderWay._fields
    # Two queries, because each has its partial index: run_no_overlap and run_to_publish.
    started = of_these.filter(state__in=[State.QUEUED, State.RUNNING])
    waiting = of_these.filter(
        Q(publish_at__lte=now) | Q(attempt__gt=1) | Q(reason=WAITS_FOR_RATE),
        ~among("id", [run.id for run in runs]),
        state=State.PENDING,
    )
    rows = [*started.values_list(*columns), *waiting.values_list(*columns)]
    return [UnderWay._make(row) for row in rows]


def decide(runs: Iterable[Outgoing], others: Iterable[UnderWay]) -> Decision:
    """Return the decision about the runs of a batch; `others` are not part of it."""
    decision = Decision()
    by_schedule: dict[int | None, list[UnderWay]] = {}
    for other in others:
        by_schedule.setdefault(other.schedule_id, []).append(other)
    runs = list(runs)
    times = Counter(run.schedule_id for run in runs)
    crowded = []
    for run in runs:
        if _minds(run) and (times[run.schedule_id] > 1 or run.schedule_id in by_schedule):
            crowded.append(run)
        else:
            decision.go.append(run)
    for run in sorted(crowded, key=_order):
        assert run.schedule_id is not None  # noqa: S101 (else it would not mind)
        others_of_it = by_schedule.setdefault(run.schedule_id, [])
        _decide_one(run, run.schedule_id, others_of_it, decision)
    return decision


def _decide_one(
    run: Outgoing, schedule_id: int, others: list[UnderWay], decision: Decision
) -> None:
    """Add the run to the decision, and to `others` unless it is skipped."""
    blockers = [other for other in others if _is_in_the_way(other, run)]
    if not blockers:
        decision.go.append(run)
    elif run.overlap == Overlap.CANCEL_PREVIOUS:
        _cancel(blockers, run, others, decision)
        decision.go.append(run)
    elif _may_wait(run, blockers):
        decision.waiting.append((run, blockers[0]))
    else:
        decision.skipped.append((run, blockers[-1]))
        return
    others.append(
        UnderWay(
            run.id,
            run.attempt,
            schedule_id,
            State.PENDING,
            run.due_at,
            run.publish_at,
            run.reason,
        )
    )


def _may_wait(run: Outgoing, blockers: Sequence[UnderWay]) -> bool:
    """Return whether the run waits; with "queue one" two in the way are one that waits already."""
    return run.overlap == Overlap.QUEUE_ALL or (
        run.overlap == Overlap.QUEUE_ONE and len(blockers) == 1
    )


def _cancel(
    blockers: list[UnderWay], run: Outgoing, others: list[UnderWay], decision: Decision
) -> None:
    gone = {blocker.id for blocker in blockers}
    decision.cancelled += [(blocker, run) for blocker in blockers]
    decision.go[:] = [earlier for earlier in decision.go if earlier.id not in gone]
    others[:] = [other for other in others if other.id not in gone]


def _is_in_the_way(other: UnderWay, run: Outgoing) -> bool:
    return other.state != State.PENDING or _order(other) < _order(run)


def _order(run: Outgoing | UnderWay) -> tuple[bool, datetime, datetime, UUID]:
    was_due_before = run.attempt > 1 or run.reason == WAITS_FOR_RATE
    return not was_due_before, run.publish_at, run.due_at, run.id


def _minds(run: Outgoing) -> bool:
    return run.schedule_id is not None and run.overlap != Overlap.ALLOW
