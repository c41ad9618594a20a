"""Ending a run because somebody asked for it: at once where it waits, by asking where it runs.

Who may do so is not decided here. Any number of people may ask at the same time.
"""

import time
from datetime import datetime
from uuid import UUID

import structlog
from celery import current_app
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError
from django.db.models import Case, F, Q, Value, When
from kombu.exceptions import OperationalError

from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY, State
from jobs.runs.texts import storable
from jobs.runs.worker.output.execution import Execution

REASON = "cancelled"
REASON_TEXT_LENGTH = 500
SECONDS_BETWEEN_QUESTIONS = 1.0
# A task that does not listen need not listen to SIGTERM either.
SIGNAL = "SIGKILL"
CONNECT_SECONDS = 2

logger = structlog.get_logger(__name__)


class Cancelled(Exception):  # noqa: N818 (it is no error: a task ends as it was asked to)
    """The run was asked to end. A task lets it pass; its run then ends as cancelled."""


def request_cancel(run_id: UUID, by: AbstractBaseUser | None, reason: str, now: datetime) -> bool:
    """Cancel a waiting run, or ask a running one to end; False when it is over or was asked before.

    One statement: a run that starts at this moment is either cancelled before or asked after.
    A run that was asked and does not listen ends by its own end, or by `end_by_force`.
    """
    runs = Run.objects.filter(id=run_id, state__in=UNDER_WAY, cancel_requested_at__isnull=True)
    is_running = Q(state=State.RUNNING)
    changed = runs.update(
        state=Case(When(is_running, then=F("state")), default=Value(State.CANCELLED.value)),
        finished_at=Case(When(is_running, then=F("finished_at")), default=Value(now)),
        cancel_requested_at=now,
        publish_lease_until=None,
        reason=REASON,
        reason_text=_words("Cancelled", by, reason),
    )
    if changed:
        logger.info("run asked to end", run=str(run_id), by=_name(by))
    return changed == 1


def end_by_force(run_id: UUID, by: AbstractBaseUser | None, reason: str, now: datetime) -> bool:
    """Cancel a run under way whether it listens or not; False when it is over.

    First the ledger: what the task does from then on changes nothing there. Then its process is
    killed, by Celery's remote control. Weak: the pools of threads and greenlets cannot be killed
    (their worker logs it), nor can a worker that the broker does not reach; there the task goes
    on until it ends or asks `is_cancelled`.
    """
    runs = Run.objects.filter(id=run_id, state__in=UNDER_WAY)
    worker = runs.filter(state=State.RUNNING).values_list("worker", flat=True).first()
    changed = runs.update(
        state=State.CANCELLED,
        finished_at=now,
        cancel_requested_at=now,
        publish_lease_until=None,
        reason=REASON,
        reason_text=_words("Ended by force", by, reason),
    )
    if not changed:
        return False
    logger.info("run ended by force", run=str(run_id), by=_name(by))
    if worker:
        _kill(run_id, worker)
    return True


def is_asked_to_end(execution: Execution) -> bool:
    """Return whether what executes here should stop; asks the database at most once a second.

    So it is when somebody asked for it, and when the attempt is no longer the run's current
    one: then nothing that it does counts any more. A database that is away says no.
    """
    if not execution.is_cancelled and time.monotonic() >= execution.asks_again_at:
        execution.asks_again_at = time.monotonic() + SECONDS_BETWEEN_QUESTIONS
        try:
            execution.is_cancelled = not _goes_on(execution)
        except DatabaseError as problem:
            logger.warning(
                "nobody knows whether the run was cancelled",
                run=str(execution.run_id),
                problem=str(problem),
            )
    return execution.is_cancelled


def _goes_on(execution: Execution) -> bool:
    """Return whether the attempt is running and nobody asked for its end."""
    return Run.objects.filter(
        id=execution.run_id,
        attempt=execution.attempt,
        state=State.RUNNING,
        cancel_requested_at__isnull=True,
    ).exists()


def _kill(run_id: UUID, worker: str) -> None:
    """Have the worker kill the process that executes the run, and forget its message."""
    try:
        with current_app.connection_for_write() as connection:
            # A new one, and asked first: with one from the pool whose broker has died meanwhile
            # `revoke` tries again for ever (kombu 5.7.0, pidbox: retry=True without a policy).
            connection.connect_timeout = CONNECT_SECONDS
            connection.ensure_connection(max_retries=1, timeout=CONNECT_SECONDS)
            current_app.control.revoke(
                str(run_id),
                destination=[worker],
                terminate=True,
                signal=SIGNAL,
                connection=connection,
            )
    except OperationalError as problem:
        logger.error(  # noqa: TRY400 (the broker's traceback says nothing more)
            "the worker could not be told to kill a run; end its process by hand",
            run=str(run_id),
            worker=worker,
            problem=str(problem),
        )


def _words(what: str, by: AbstractBaseUser | None, reason: str) -> str:
    sentence = f"{what} by {_name(by)}" + (f": {reason}" if reason else ".")
    return storable(sentence)[:REASON_TEXT_LENGTH]


def _name(by: AbstractBaseUser | None) -> str:
    return by.get_username() if by is not None else "the system"
