"""The changes of a run's state at a worker: one guarded UPDATE each.

Those of many runs on their way to the broker are in `publishing`.
Every function says with a bool whether its row changed. Whoever gets False lost a race against
another worker or attempt, and stops. Any number of processes may call them at the same time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django_celery_beat.models import PeriodicTask

from jobs.runs.models import Run
from jobs.runs.states import STARTABLE, Kind, State

REASON_TEXT_LENGTH = 500
TRACEBACK_LENGTH = 50_000
LONGEST_PAUSE_SECONDS = 86_400


@dataclass(frozen=True)
class Message:
    """What a task's message says about the run it asks for."""

    run_id: UUID
    task: str
    attempt: int
    schedule_name: str
    args: list[Any]
    kwargs: dict[str, Any]
    queue: str
    worker: str


def record(message: Message, now: datetime) -> None:
    """Insert the run of `message` unless it exists, as one that the broker has had.

    Not as pending: publishing would send it once more, and its arguments may be shortened.
    """
    schedule = None
    if message.schedule_name:
        schedule = PeriodicTask.objects.filter(name=message.schedule_name).first()
    run = Run(
        id=message.run_id,
        schedule=schedule,
        schedule_name=message.schedule_name[:200],
        task=message.task[:255],
        kind=Kind.SCHEDULED if message.schedule_name else Kind.ADHOC,
        due_at=now,
        publish_at=now,
        state=State.QUEUED,
        attempt=message.attempt,
        args=message.args,
        kwargs=message.kwargs,
        queue=message.queue[:200],
    )
    Run.objects.bulk_create([run], ignore_conflicts=True)


def start(message: Message, now: datetime) -> bool:
    """Change a startable run to running for this attempt.

    False, too, when another run of its schedule is under way and the two must not overlap: it
    is left pending, and publishing decides anew.
    """
    startable = Q(attempt=message.attempt, state__in=STARTABLE)
    # Celery sends the message of a retry before it tells `on_retry`: the next attempt may get
    # here while the row still says that the one before is running.
    retried = Q(attempt=message.attempt - 1, state=State.RUNNING)
    run = Run.objects.filter(startable | retried, id=message.run_id)
    try:
        with transaction.atomic():
            return _changed(
                run.update(
                    state=State.RUNNING,
                    attempt=message.attempt,
                    started_at=now,
                    finished_at=None,
                    worker=message.worker[:255],
                    reason="",
                    reason_text="",
                )
            )
    except IntegrityError:
        return False


def succeed(run_id: UUID, attempt: int, result: Any, now: datetime) -> bool:
    """Change a running attempt to succeeded, with its JSON result."""
    return _leave_running(run_id, attempt, state=State.SUCCEEDED, result=result, finished_at=now)


def fail(run_id: UUID, attempt: int, error: str, traceback: str, now: datetime) -> bool:
    """Change a running attempt to failed, with the error and the end of its traceback."""
    return _leave_running(
        run_id,
        attempt,
        state=State.FAILED,
        reason="error",
        reason_text=error[:REASON_TEXT_LENGTH],
        error=error[:TRACEBACK_LENGTH],
        traceback=traceback[-TRACEBACK_LENGTH:],
        finished_at=now,
    )


def fail_or_try_again(
    run_id: UUID, attempt: int, error: str, traceback: str, now: datetime
) -> bool:
    """Change a running attempt to pending when its policy allows another, else to failed.

    The pause doubles with each attempt. Only runs that beat has published are tried again: the
    arguments of others may be shortened.
    """
    again = Run.objects.filter(id=run_id, attempt=attempt, max_attempts__gt=attempt)
    backoff_seconds = (
        again.exclude(published_by="").values_list("backoff_seconds", flat=True).first()
    )
    if backoff_seconds is None:
        return fail(run_id, attempt, error, traceback, now)
    pause = timedelta(seconds=min(backoff_seconds * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS))
    return retry(run_id, attempt, error, now + pause)


def retry(run_id: UUID, attempt: int, error: str, publish_at: datetime) -> bool:
    """Change a running attempt to pending as the next attempt."""
    return _leave_running(
        run_id,
        attempt,
        state=State.PENDING,
        attempt=attempt + 1,
        publish_at=publish_at,
        reason="retry",
        reason_text=f"Attempt {attempt} failed: {error}"[:REASON_TEXT_LENGTH],
        error=error[:TRACEBACK_LENGTH],
    )


def _leave_running(run_id: UUID, from_attempt: int, /, **changes: Any) -> bool:
    running = Run.objects.filter(id=run_id, attempt=from_attempt, state=State.RUNNING)
    return _changed(running.update(**changes))


def _changed(rows: int) -> bool:
    return rows == 1
