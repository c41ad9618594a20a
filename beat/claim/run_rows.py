"""The ledger's rows of claimed occurrences, as plain values in the order of their columns."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from beat.claim.due_timers import Content, Outcome
from beat.decisions.decide import Planned
from beat.definition import ScheduleRow, Work
from jobs.runs.ids import new_run_ids
from jobs.runs.publishing import LEASE
from jobs.runs.states import Kind, State


class RunRow(NamedTuple):
    """One new row; every field is a column of `runs_run`, and columns not here stay NULL."""

    id: UUID
    schedule_id: int
    due_at: datetime
    publish_at: datetime
    schedule_name: str
    task: str
    args: str
    kwargs: str
    headers: str
    queue: str
    exchange: str
    routing_key: str
    priority: int | None
    expires_at: datetime | None
    state: str
    reason: str
    reason_text: str
    missed_count: int
    missed_until: datetime | None
    finished_at: datetime | None
    overlap: str
    soft_time_limit_seconds: int | None
    time_limit_seconds: int | None
    max_attempts: int
    backoff_seconds: int
    published_by: str
    publish_lease_until: datetime | None
    kind: str = Kind.SCHEDULED.value
    attempt: int = 1
    worker: str = ""
    error: str = ""
    traceback: str = ""


def run_rows(
    outcomes: Sequence[Outcome], extended: AbstractSet[int], now: datetime, beat_name: str
) -> list[RunRow]:
    """Return the rows of what was decided; `extended` schedules' first one is written already."""
    planned = list(_planned(outcomes, extended))
    ids = new_run_ids(now, len(planned))
    return [
        _run_row(run_id, row, content, plan, now, beat_name)
        for run_id, (row, content, plan) in zip(ids, planned, strict=True)
    ]


def _planned(
    outcomes: Sequence[Outcome], extended: AbstractSet[int]
) -> Iterator[tuple[ScheduleRow, Content, Planned]]:
    for outcome in outcomes:
        if outcome.row is None or outcome.content is None:
            continue
        written = 1 if outcome.row.id in extended else 0
        for plan in outcome.decision.runs[written:]:
            yield outcome.row, outcome.content, plan


def _run_row(
    run_id: UUID, row: ScheduleRow, content: Content, plan: Planned, now: datetime, beat_name: str
) -> RunRow:
    work = content.work
    is_pending = plan.state is State.PENDING
    is_ours = is_pending and plan.publish_at <= now
    return RunRow(
        run_id,
        row.id,
        plan.due_at,
        plan.publish_at,
        row.name,
        work.task,
        content.args,
        content.kwargs,
        content.headers,
        work.queue,
        work.exchange,
        work.routing_key,
        work.priority,
        _expires_at(work, plan.due_at),
        plan.state.value,
        plan.reason,
        plan.reason_text,
        plan.missed_count,
        plan.missed_until,
        None if is_pending else now,
        row.overlap,
        row.soft_time_limit_seconds,
        row.time_limit_seconds,
        row.max_attempts,
        row.backoff_seconds,
        beat_name if is_ours else "",
        now + LEASE if is_ours else None,
    )


def _expires_at(work: Work, due_at: datetime) -> datetime | None:
    if work.expire_seconds is not None:
        return due_at + timedelta(seconds=work.expire_seconds)
    return work.expires_at
