"""The changes of runs whose worker cannot go on with them: it died, was silent, or stops.

Such a run is started again as the next attempt while its cap of losses allows it and the ledger
can send it again; else it ends. Each change is an UPDATE guarded by state, attempt and worker, on
rows that were locked before; any number of beats and workers may call these at the same time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from jobs.runs.models import Attempt, Run, Worker
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import State
from jobs.runs.texts import beginning

REASON_TEXT_LENGTH = 500
_READ = (
    *("id", "state", "attempt", "worker", "worker_id", "started_at"),
    *("losses", "max_losses", "is_whole", "cancel_requested_at"),
)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Loss:
    """Why a worker cannot go on with a run; `sentence` says so, without its full stop."""

    reason: str
    sentence: str
    outcome: Outcome = Outcome.LOST

    @property
    def is_counted(self) -> bool:
        """Return whether it counts for the cap: a worker may stop as often as somebody likes."""
        return self.outcome == Outcome.LOST


DIED = Loss("worker_died", "The process that executed it died")
SILENT = Loss("worker_silent", "Its worker was not heard of for longer than the lease")
HANDED_BACK = Loss("handed_back", "Its worker stopped before it was done", Outcome.HANDED_BACK)
NOBODYS = Loss("worker_unknown", "It has been running for long, and nobody knows at which worker")


def lose(
    run_ids: Collection[UUID],
    reason: str,
    now: datetime,
    *,
    attempt: int | None = None,
    sentence: str = "",
) -> int:
    """Take running runs from a worker that lost them; return how many changed.

    Name the attempt wherever it is known: the next one may be running elsewhere by now.
    """
    held = Run.objects.filter(id__in=run_ids)
    if attempt is not None:
        held = held.filter(attempt=attempt)
    loss = Loss(reason, sentence or DIED.sentence)
    with transaction.atomic():
        return _take(_locked(held), loss, now, now)


def hand_back(worker_id: UUID, now: datetime, publish_at: datetime) -> int:
    """Let others go on, from `publish_at` on, with all that this worker has; return how many."""
    held = Run.objects.filter(worker_id=worker_id)
    with transaction.atomic():
        return _take(_locked(held), HANDED_BACK, now, publish_at)


def lose_held_by_ended(now: datetime, limit: int) -> int:
    """Take at most `limit` runs from workers that have ended, or of which there is no row.

    Return how many changed. Runs that another beat has locked are left to it.
    """
    alive = Worker.objects.filter(id=OuterRef("worker_id"), stopped_at=None)
    held = Run.objects.filter(~Exists(alive), worker_id__isnull=False)
    with transaction.atomic():
        return _take(_locked(held, skip_locked=True)[:limit], SILENT, now, now)


def end_nobodys(started_before: datetime, now: datetime, limit: int) -> int:
    """End at most `limit` runs as lost that began before the instant and name no worker.

    Such as those of a process that is no worker (`Task.apply`): no heartbeat tells whether they
    go on. They are not started again, which might execute them twice.
    """
    held = Run.objects.filter(worker_id=None, started_at__lt=started_before)
    with transaction.atomic():
        rows = list(_locked(held, skip_locked=True)[:limit])
        return sum(_end(run, NOBODYS, now) for run in rows)


def send_again(run_ids: Collection[UUID], queued_before: datetime, now: datetime) -> int:
    """Change queued runs whose message is gone to pending; return how many changed.

    Those that the ledger cannot send again end as lost. One that another beat has sent again
    meanwhile was queued after the instant, and is left alone.
    """
    gone = Run.objects.filter(id__in=run_ids, state=State.QUEUED, queued_at__lt=queued_before)
    sent = gone.filter(is_whole=True).update(
        state=State.PENDING,
        # It keeps its slot: should the message be there all the same, it may start the run.
        publish_lease_until=None,
        reason="message_lost",
        reason_text="The broker does not have its message any more, so it is sent again.",
    )
    text = (
        "Its message was lost, and its arguments could not be kept to send it again: call it anew."
    )
    lost = gone.filter(is_whole=False).update(
        state=State.LOST, finished_at=now, reason="message_lost", reason_text=text
    )
    return sent + lost


def _locked(held: QuerySet[Run], *, skip_locked: bool = False) -> QuerySet[Run]:
    """Return those that run; SQLite's transactions are alone anyway."""
    running = held.filter(state=State.RUNNING).only(*_READ)
    if not connection.features.has_select_for_update_skip_locked:
        return running
    return running.select_for_update(skip_locked=skip_locked, of=("self",))


def _take(runs: QuerySet[Run], loss: Loss, now: datetime, publish_at: datetime) -> int:
    rows = list(runs)
    again = [run for run in rows if _may_go_on(run, loss)]
    followed = [run for run in again if _send_again(run, loss, publish_at)]
    Attempt.objects.bulk_create([_attempt_of(run, loss, now) for run in followed])
    ended = [_end(run, loss, now) for run in rows if run not in again]
    return len(followed) + sum(ended)


def _may_go_on(run: Run, loss: Loss) -> bool:
    is_within_cap = run.losses < run.max_losses or not loss.is_counted
    return run.is_whole and is_within_cap and run.cancel_requested_at is None


def _send_again(run: Run, loss: Loss, publish_at: datetime) -> bool:
    changed = _leave_running(
        run,
        state=State.PENDING,
        attempt=run.attempt + 1,
        losses=run.losses + loss.is_counted,
        publish_at=publish_at,
        publish_lease_until=None,
        queued_at=None,
        concurrency_slot=None,
        worker_id=None,
        reason=loss.reason,
        reason_text=_text(f"{loss.sentence} ({run.worker}); it is started again."),
    )
    if changed:
        logger.warning("run is started again", run=str(run.id), reason=loss.reason)
    return changed


def _end(run: Run, loss: Loss, now: datetime) -> bool:
    state, reason, text = _ending(run, loss)
    changed = _leave_running(
        run,
        state=state,
        losses=run.losses + loss.is_counted,
        finished_at=now,
        reason=reason,
        reason_text=_text(text),
    )
    if changed:
        logger.error("run ended without its worker", run=str(run.id), state=state, reason=reason)
    return changed


def _ending(run: Run, loss: Loss) -> tuple[State, str, str]:
    """Return the state, the reason and its sentences for a run that is not started again."""
    where = f"{loss.sentence} ({run.worker or 'no name'})"
    if run.cancel_requested_at is not None:
        return State.CANCELLED, "cancelled", f"Somebody asked it to end. {where}."
    if loss == NOBODYS:
        text = f"{where}. Look whether it did its work, and start it by hand if not."
    elif not run.is_whole:
        text = f"{where}, and its arguments could not be kept to send it again: call it anew."
    else:
        text = (
            f"{where}. That is loss {run.losses + 1} of it, and its cap of losses is "
            f"{run.max_losses}. "
            "Look into the logs of worker and kernel for why, then start it by hand."
        )
    return State.LOST, loss.reason, text


def _leave_running(run: Run, **changes: Any) -> bool:
    held = Run.objects.filter(
        id=run.id, attempt=run.attempt, state=State.RUNNING, worker_id=run.worker_id
    )
    return held.update(**changes) == 1


def _attempt_of(run: Run, loss: Loss, now: datetime) -> Attempt:
    return Attempt(
        run_id=run.id,
        number=run.attempt,
        outcome=loss.outcome,
        started_at=run.started_at,
        ended_at=now,
        worker=run.worker,
        error=f"{loss.sentence}.",
    )


def _text(sentences: str) -> str:
    return beginning(sentences, REASON_TEXT_LENGTH)
