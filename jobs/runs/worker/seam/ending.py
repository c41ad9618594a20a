"""How an attempt ends that did not simply succeed: what becomes of its run.

`task` is Celery's task and `request` its context of the execution, which may be another process's
(the worker's main one ends what its children cannot). Each returns the sentence for the log, or
None when another attempt or an end came before.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import Task
from celery.app.task import Context
from celery.exceptions import (
    Ignore,
    MaxRetriesExceededError,
    SoftTimeLimitExceeded,
    TimeLimitExceeded,
)
from django.utils import timezone

from jobs.runs import transitions
from jobs.runs.cancelling import Cancelled
from jobs.runs.models import Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.retrying import Retries, names_of
from jobs.runs.states import State
from jobs.runs.transitions import Again
from jobs.runs.worker.seam.arriving import attempt_of, run_id_of
from jobs.runs.worker.seam.sending_again import send_itself

FAILED = "run failed"
AGAIN = "run will be tried again"
CANCELLED = "run cancelled"
COLUMNS = (
    "max_attempts",
    "failures",
    "backoff_seconds",
    "longest_backoff_seconds",
    "retry_on",
    "losses",
    "max_losses",
    "is_whole",
    "cancel_requested_at",
    "reason_text",
)


@dataclass(frozen=True)
class AskedRetry:
    """What Celery's own `self.retry` asks for: when, and what of the run differs then."""

    publish_at: datetime
    changes: dict[str, Any]
    is_whole: bool
    options: dict[str, Any]


def failed(
    task: Task[Any, Any], request: Context, raised: BaseException, traceback: str
) -> str | None:
    """End the run as failed or cancelled, or let another attempt follow where its rule says so."""
    run_id, attempt, now = run_id_of(request), attempt_of(request), timezone.now()
    run = _running(run_id, attempt)
    if run is None:
        return None
    if isinstance(raised, Cancelled) or run["cancel_requested_at"]:
        return _cancelled(run_id, attempt, run, raised, now)
    rule = _rule(run, task)
    failures = run["failures"] + 1
    if isinstance(raised, MaxRetriesExceededError) or not rule.allows(failures, raised):
        error, reason = sentence(raised), reason_of(raised)
        done = transitions.fail(run_id, attempt, error, traceback, now, reason)
        return FAILED if done else None
    again = Again(
        Outcome.FAILED,
        "retry",
        f"Attempt {attempt} failed: {sentence(raised)}",
        rule.next_publish_at(run_id, failures, now),
        "failures",
        _next_state(run),
        sentence(raised),
        traceback,
        _as_columns(rule),
    )
    return _try_again(task, request, again, {})


def retried(
    task: Task[Any, Any],
    request: Context,
    asked: AskedRetry,
    raised: BaseException | None,
    traceback: str,
) -> str | None:
    """Let another attempt follow because the task asked for it (`self.retry`)."""
    run_id, attempt = run_id_of(request), attempt_of(request)
    run = _running(run_id, attempt)
    if run is None:
        return None
    error = "" if raised is None else sentence(raised)
    is_whole = asked.is_whole and run["is_whole"] and not request.is_eager
    again = Again(
        Outcome.RETRIED,
        "retry",
        f"Attempt {attempt} asked to be tried again" + (f": {error}" if error else "."),
        asked.publish_at,
        state=State.PENDING if is_whole else State.QUEUED,
        error=error,
        traceback=traceback,
        changes={**asked.changes, "is_whole": is_whole} if not request.is_eager else {},
    )
    return _try_again(task, request, again, asked.options)


def refused(task: Task[Any, Any], request: Context, asked: Any) -> str | None:
    """End a run whose task raised Ignore or Reject; send it again when it asked for that.

    Celery would requeue for ever; here it counts as a loss, and the losses have a cap.
    """
    run_id, attempt, now = run_id_of(request), attempt_of(request), timezone.now()
    if isinstance(asked, Ignore):
        text = f"The task ended itself without a result (Ignore{_words(asked)})."
        done = transitions.end_early(
            run_id, attempt, State.CANCELLED, "ignored", text, now, [State.RUNNING]
        )
        return CANCELLED if done else None
    run = _running(run_id, attempt)
    if run is None:
        return None
    text = f"The task rejected its message ({asked.reason})."
    if asked.requeue and run["is_whole"] and run["losses"] < run["max_losses"]:
        again = Again(Outcome.HANDED_BACK, "rejected", text, now, "losses", error=text)
        return _try_again(task, request, again, {})
    done = transitions.fail(run_id, attempt, text, "", now, "rejected")
    return FAILED if done else None


def handed_back(task: Task[Any, Any], request: Context) -> str | None:
    """Let another attempt follow at once because this one was ended by its worker."""
    attempt = attempt_of(request)
    run = _running(run_id_of(request), attempt)
    if run is None:
        return None
    text = f"Attempt {attempt} was handed back by its worker."
    again = Again(Outcome.HANDED_BACK, "handed_back", text, timezone.now(), state=_next_state(run))
    return _try_again(task, request, again, {})


def replaced(request: Context) -> str | None:
    """Let the run's next attempt be the signature that its task puts in its place."""
    run_id, attempt = run_id_of(request), attempt_of(request)
    text = f"The task of attempt {attempt} put another in its place."
    # What follows is another task with arguments of its own: Celery alone can send it.
    again = Again(
        Outcome.RETRIED,
        "replaced",
        text,
        timezone.now(),
        state=State.QUEUED,
        changes={"is_whole": False},
    )
    return AGAIN if transitions.try_again(run_id, attempt, again, timezone.now()) else None


def sentence(raised: BaseException) -> str:
    """Return the error as its kind and what it says; time limits by themselves say nothing."""
    if isinstance(raised, SoftTimeLimitExceeded):
        return "SoftTimeLimitExceeded: it ran for longer than its soft time limit."
    if isinstance(raised, TimeLimitExceeded):
        return "TimeLimitExceeded: it ran for longer than its time limit and was killed."
    return f"{type(raised).__name__}: {raised}" if str(raised) else type(raised).__name__


def reason_of(raised: BaseException) -> str:
    """Return the reason code of a run that ends with the error."""
    if isinstance(raised, SoftTimeLimitExceeded):
        return "soft_time_limit"
    if isinstance(raised, TimeLimitExceeded):
        return "time_limit"
    return "error"


def _try_again(
    task: Task[Any, Any], request: Context, again: Again, options: dict[str, Any]
) -> str | None:
    """Change the run to its next attempt; Celery carries it where the ledger cannot."""
    run_id, attempt, now = run_id_of(request), attempt_of(request), timezone.now()
    if not transitions.try_again(run_id, attempt, again, now):
        return _cancelled_meanwhile(run_id, attempt, now)
    if again.state == State.QUEUED and not request.is_eager:
        problem = send_itself(task, request, attempt + 1, again.publish_at, options)
        if problem is not None:
            text = f"The next attempt could not be sent: {sentence(problem)}"
            transitions.end_early(run_id, attempt + 1, State.FAILED, "retry_unsent", text, now)
            return FAILED
    return AGAIN


def _cancelled_meanwhile(run_id: UUID, attempt: int, now: datetime) -> str | None:
    """End a run that may not be tried again because somebody has asked it to end."""
    run = _running(run_id, attempt)
    if run is None or not run["cancel_requested_at"]:
        return None
    return _cancelled(run_id, attempt, run, None, now)


def _cancelled(
    run_id: UUID, attempt: int, run: dict[str, Any], raised: BaseException | None, now: datetime
) -> str | None:
    text = run["reason_text"] if run["cancel_requested_at"] else ""
    text = text or (
        f"The task ended itself ({sentence(raised)})." if raised else "It was cancelled."
    )
    done = transitions.end_early(
        run_id, attempt, State.CANCELLED, "cancelled", text, now, [State.RUNNING]
    )
    return CANCELLED if done else None


def _running(run_id: UUID, attempt: int) -> dict[str, Any] | None:
    """Return what decides about the next attempt, None unless this one is running."""
    run = Run.objects.filter(id=run_id, attempt=attempt, state=State.RUNNING)
    values: dict[str, Any] | None = run.values(*COLUMNS).first()
    return values


def _rule(run: dict[str, Any], task: Task[Any, Any]) -> Retries:
    """Return the run's own rule, else its task's; the one that allows a single attempt else."""
    if run["max_attempts"] > 1:
        return Retries(
            run["max_attempts"],
            run["backoff_seconds"],
            run["longest_backoff_seconds"],
            tuple(run["retry_on"]),
        )
    return getattr(task, "retries", None) or Retries(max_attempts=1)


def _as_columns(rule: Retries) -> dict[str, Any]:
    return {
        "max_attempts": rule.max_attempts,
        "backoff_seconds": rule.backoff_seconds,
        "longest_backoff_seconds": rule.longest_backoff_seconds,
        "retry_on": names_of(rule.on),
    }


def _next_state(run: dict[str, Any]) -> State:
    return State.PENDING if run["is_whole"] else State.QUEUED


def _words(asked: Any) -> str:
    return f": {asked}" if str(asked) else ""
