"""The changes of one run's state: one guarded UPDATE each.

Those of many runs on their way to the broker are in `publishing`, those of many runs at dead
workers in `losing`, the start in `starting`. Every function says with a bool whether its row
changed. Whoever gets False lost a race against another worker or attempt, and stops. Any number
of processes may call them at the same time.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.prepared import execute
from jobs.runs.starting import Message, parameters, record, start
from jobs.runs.states import STARTABLE, UNDER_WAY, State
from jobs.runs.texts import beginning, end

__all__ = ["Again", "Message", "end_early", "fail", "record", "start", "succeed", "try_again"]

REASON_TEXT_LENGTH = 500
TRACEBACK_LENGTH = 50_000
NUMBER_OF_ATTEMPTS = 32_000  # what the column can hold, with room for losses
_TABLE = Run._meta.db_table  # noqa: SLF001 (public in Django in spite of its name)
_SUCCEED_COLUMNS = ("result", "finished_at", "id", "attempt")
_SUCCEED = (
    f"UPDATE {_TABLE} SET state = '{State.SUCCEEDED}', result = %s, finished_at = %s "  # noqa: S608
    f"WHERE id = %s AND attempt = %s AND state = '{State.RUNNING}'"
)


@dataclass(frozen=True)
class Again:
    """How a running attempt gives way to the next one.

    `counted` is the column that counts it; `changes` are further columns of the run. The next
    attempt is pending, or queued when its message is sent by the worker itself.
    """

    outcome: Outcome
    reason: str
    reason_text: str
    publish_at: datetime
    counted: Literal["failures", "losses"] | None = None
    state: State = State.PENDING
    error: str = ""
    traceback: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def succeed(run_id: UUID, attempt: int, result: Any, now: datetime) -> bool:
    """Change a running attempt to succeeded, with its JSON result.

    Plain SQL: it is written for nearly every run, and building an UPDATE takes Django longer
    than all else that the ledger has a worker's process do for the run.
    """
    values = parameters(_SUCCEED_COLUMNS, [result, now, run_id, attempt])
    count, _row = execute(_SUCCEED, values)
    return _changed(count)


def fail(
    run_id: UUID, attempt: int, error: str, traceback: str, now: datetime, reason: str = "error"
) -> bool:
    """Change a running attempt to failed, with the error and the end of its traceback."""
    return _leave_running(
        run_id,
        attempt,
        state=State.FAILED,
        reason=reason,
        reason_text=beginning(error, REASON_TEXT_LENGTH),
        error=beginning(error, TRACEBACK_LENGTH),
        traceback=end(traceback, TRACEBACK_LENGTH),
        failures=F("failures") + 1,
        finished_at=now,
    )


def end_early(
    run_id: UUID,
    attempt: int,
    state: State,
    reason: str,
    reason_text: str,
    now: datetime,
    from_states: Collection[State] = UNDER_WAY,
) -> bool:
    """Change an attempt that is under way to an end that its task has not reached by itself."""
    run = Run.objects.filter(id=run_id, attempt=attempt, state__in=from_states)
    return _changed(
        run.update(
            state=state,
            reason=reason,
            reason_text=beginning(reason_text, REASON_TEXT_LENGTH),
            finished_at=now,
            publish_lease_until=None,
        )
    )


def try_again(run_id: UUID, attempt: int, again: Again, now: datetime) -> bool:
    """Change a running attempt to the next one that waits, and keep what became of this one.

    False, too, when somebody has asked the run to end: no attempt follows then.
    """
    if attempt >= NUMBER_OF_ATTEMPTS:
        text = f"Attempt {attempt} was the last that can be counted. {again.error}"
        return fail(run_id, attempt, text, again.traceback, now, "attempts")
    counted = {} if again.counted is None else {again.counted: F(again.counted) + 1}
    with transaction.atomic():
        nobody_asked = _running(run_id, attempt).filter(cancel_requested_at=None)
        rows = nobody_asked.update(
            state=again.state,
            attempt=attempt + 1,
            publish_at=again.publish_at,
            publish_lease_until=None,
            # So that rescue knows since when the broker may have it.
            queued_at=again.publish_at if again.state == State.QUEUED else None,
            concurrency_slot=None,
            worker_id=None,
            reason=again.reason,
            reason_text=beginning(again.reason_text, REASON_TEXT_LENGTH),
            error=beginning(again.error, TRACEBACK_LENGTH),
            **counted,
            **again.changes,
        )
        if _changed(rows):
            _keep_attempt(run_id, attempt, again, now)
    return _changed(rows)


def lose_unstarted(run_id: UUID, attempt: int, now: datetime) -> bool:
    """Count the loss of a run whose worker died before the run was started.

    It is sent again as the next attempt while it is whole and within its cap, else it is lost.
    """
    run = Run.objects.filter(id=run_id, attempt=attempt, state__in=STARTABLE)
    may_go_on = run.filter(is_whole=True, losses__lt=F("max_losses"))
    text = "Its worker's process died before the task began"
    if _changed(
        may_go_on.update(
            state=State.PENDING,
            attempt=attempt + 1,
            losses=F("losses") + 1,
            publish_at=now,
            publish_lease_until=None,
            concurrency_slot=None,
            reason="worker_died",
            reason_text=f"{text}; it is sent again.",
        )
    ):
        return True
    return end_early(
        run_id, attempt, State.LOST, "worker_died", f"{text}, too often.", now, STARTABLE
    )


def _keep_attempt(run_id: UUID, attempt: int, again: Again, now: datetime) -> None:
    run = Run.objects.filter(id=run_id)
    started_at, worker = run.values_list("started_at", "worker").get()
    ended = Attempt(
        run_id=run_id,
        number=attempt,
        outcome=again.outcome,
        started_at=started_at,
        ended_at=now,
        worker=worker,
        error=beginning(again.error, TRACEBACK_LENGTH),
        traceback=end(again.traceback, TRACEBACK_LENGTH),
    )
    ended.save(force_insert=True)


def _leave_running(run_id: UUID, from_attempt: int, /, **changes: Any) -> bool:
    return _changed(_running(run_id, from_attempt).update(**changes))


def _running(run_id: UUID, attempt: int) -> QuerySet[Run]:
    return Run.objects.filter(id=run_id, attempt=attempt, state=State.RUNNING)


def _changed(rows: int) -> bool:
    return rows == 1
