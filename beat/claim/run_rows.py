"""The ledger's rows of claimed occurrences, as plain values in the order of their columns."""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from beat.claim.due_timers import Content, Outcome
from beat.decisions.decide import Planned
from beat.definition import ScheduleRow, Work, timing_of
from jobs.runs.ids import new_run_ids
from jobs.runs.publishing import LEASE, Outgoing
from jobs.runs.states import Kind, Overlap, State


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
    max_losses: int
    backoff_seconds: int
    longest_backoff_seconds: int
    retry_on: str
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
        run_row(run_id, row, content, plan, now, beat_name)
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


def run_row(
    run_id: UUID, row: ScheduleRow, content: Content, plan: Planned, now: datetime, beat_name: str
) -> RunRow:
    """Return the row of one planned run: the schedule's work and its policy as they are now."""
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
        _overlap(row, plan),
        row.soft_time_limit_seconds,
        row.time_limit_seconds,
        row.max_attempts,
        row.max_losses,
        row.backoff_seconds,
        row.longest_backoff_seconds,
        names_as_json(row.retry_on),
        beat_name if is_ours else "",
        now + LEASE if is_ours else None,
    )


def rests_of_spans(
    rows: Sequence[RunRow], inserted: Sequence[RunRow], outcomes: Sequence[Outcome]
) -> Iterator[RunRow]:
    """Yield what is left of spans whose first occurrence has a row already, each one shorter.

    Such a row is written ahead where somebody skips the next occurrence. Of the others in the
    span nobody else would tell.
    """
    known = {row.id for row in inserted}
    of_schedule = {outcome.timer.schedule_id: outcome for outcome in outcomes}
    for row in rows:
        if row.id in known or row.missed_count < 2:
            continue
        second_at = _next_after(of_schedule[row.schedule_id], row.due_at)
        if second_at is not None:
            yield row._replace(
                due_at=second_at, publish_at=second_at, missed_count=row.missed_count - 1
            )


def _next_after(outcome: Outcome, due_at: datetime) -> datetime | None:
    if outcome.row is None:
        return None
    return timing_of(outcome.row, outcome.timer.anchor_at).next(due_at)


@lru_cache(maxsize=1024)
def names_as_json(lines: str) -> str:
    """Return the names that stand one per line as the text of a JSON list."""
    return json.dumps([name for line in lines.splitlines() if (name := line.strip())])


def _overlap(row: ScheduleRow, plan: Planned) -> str:
    """Return the policy's overlap, but let runs of a gap wait that all are to run.

    They follow each other faster than they end: most would be skipped or cancelled for nothing
    but being late together.
    """
    if plan.waits_its_turn and row.overlap != Overlap.ALLOW:
        return Overlap.QUEUE_ALL.value
    return row.overlap


def _expires_at(work: Work, due_at: datetime) -> datetime | None:
    if work.expire_seconds is not None:
        return due_at + timedelta(seconds=work.expire_seconds)
    return work.expires_at


def leased_runs(inserted: Sequence[RunRow], outcomes: Sequence[Outcome]) -> list[Outgoing]:
    """Return the rows that are leased to this beat as publishing reads them, longest due first."""
    works = {
        outcome.timer.schedule_id: outcome.content.work
        for outcome in outcomes
        if outcome.content is not None
    }
    leased = [row for row in inserted if row.publish_lease_until is not None]
    leased.sort(key=lambda row: (row.publish_at, row.due_at))
    return [_outgoing(row, works[row.schedule_id]) for row in leased]


def _outgoing(row: RunRow, work: Work) -> Outgoing:
    return Outgoing(
        row.id,
        row.attempt,
        row.schedule_id,
        row.schedule_name,
        row.task,
        work.args,
        work.kwargs,
        row.queue,
        row.exchange,
        row.routing_key,
        row.priority,
        work.headers,
        row.due_at,
        row.publish_at,
        row.expires_at,
        row.overlap,
        row.soft_time_limit_seconds,
        row.time_limit_seconds,
        row.reason,
    )
