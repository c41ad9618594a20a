"""Admission at a worker: whether a call that beat has not sent may start now."""

from datetime import datetime
from uuid import UUID

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from jobs.runs.limits import ledger
from jobs.runs.limits.deciding import Asking, Verdict, decide
from jobs.runs.models import Run
from jobs.runs.states import STARTABLE, WAITS_FOR_SLOT, State
from jobs.runs.transitions import Message

# So often another worker takes the slot that was free a moment ago; then the run waits.
TRIES = 3

logger = structlog.get_logger(__name__)


def admit_started(message: Message, now: datetime) -> datetime | None:
    """Return None when the recorded run may start, else the instant before which it may not.

    Then it is pending, and beat sends it when its turn has come: the message is done with. For a
    slot the instant is now, because nobody knows when one will be free.

    A run that the ledger does not hold whole could not be sent again and would be lost by
    waiting: it starts at once, above its limit if need be, and takes a slot if one is free.
    """
    task = current_app.tasks.get(message.task)
    limits = getattr(task, "limits", None)
    if task is None or limits is None:
        return None
    key = limits.key_of(message.task, task.run, message.args, message.kwargs)
    run = (
        _startable(message.run_id, message.attempt)
        .values_list("publish_at", "reason", "is_whole")
        .first()
    )
    if key is None or run is None:
        return None
    publish_at, reason, is_whole = run
    asking = Asking(message.run_id, message.attempt, key, limits, publish_at, reason)
    verdict = _decide(asking, now)
    if verdict is None or not verdict.reason:
        return None
    if not is_whole:
        logger.warning("run starts above its limit: it cannot wait", run=str(message.run_id))
        return None
    _let_wait(verdict)
    return max(verdict.publish_at, now)


def _decide(asking: Asking, now: datetime) -> Verdict | None:
    """Return what was decided; whoever goes has its slot, None had it before."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _take(asking, now)
        except IntegrityError:
            continue
    text = f'It waits for a slot of "{asking.key}".'
    return Verdict(
        asking.key, None, asking.publish_at, WAITS_FOR_SLOT, text, asking.id, asking.attempt
    )


def _take(asking: Asking, now: datetime) -> Verdict | None:
    standing = ledger.read([asking], now)
    verdict = next(iter(decide([asking], standing, now)), None)
    ledger.write_places(standing)
    if verdict is not None and verdict.slot is not None:
        run = _startable(asking.id, asking.attempt).filter(concurrency_slot=None)
        run.update(concurrency_key=verdict.key, concurrency_slot=verdict.slot)
    return verdict


def _let_wait(verdict: Verdict) -> None:
    _startable(verdict.id, verdict.attempt).update(
        state=State.PENDING,
        concurrency_key=verdict.key,
        publish_at=verdict.publish_at,
        reason=verdict.reason,
        reason_text=verdict.reason_text,
    )


def _startable(run_id: UUID, attempt: int) -> QuerySet[Run]:
    return Run.objects.filter(id=run_id, attempt=attempt, state__in=STARTABLE)
