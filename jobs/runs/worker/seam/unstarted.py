"""Messages that may end without an execution: each leaves a run that says so.

A process that is killed may have been killed before its run was started, or even recorded.
"""

from typing import Any

from celery import Task
from celery.app.task import Context
from celery.exceptions import TimeLimitExceeded
from django.utils import timezone

from jobs.runs import losing, transitions
from jobs.runs.starting import Message, record
from jobs.runs.states import STARTABLE, UNDER_WAY, State
from jobs.runs.worker.seam import ending
from jobs.runs.worker.seam.arriving import attempt_of, is_recorded, message_of, run_id_of

LOST = "the process of a run died"

EXPIRED = (
    "It expired before a worker could start it. If that happens often, give the call a later "
    '"expires", or start more workers.'
)
REVOKED = "It was revoked, by Celery's remote control."


def revoked(task_name: str, request: Context, expired: bool) -> str | None:
    """End the run of a message that expired, or was revoked while it waited or ran."""
    message, now = message_of(task_name, request), timezone.now()
    if not is_recorded(request):
        record(message, now)
    state = State.EXPIRED if expired else State.CANCELLED
    reason, text = ("expired", EXPIRED) if expired else ("revoked", REVOKED)
    from_states = STARTABLE if expired else UNDER_WAY
    ended = transitions.end_early(
        message.run_id, message.attempt, state, reason, text, now, from_states
    )
    return f"run {state}" if ended else None


def timed_out(task: Task[Any, Any], request: Context, seconds: float) -> str | None:
    """End the run of an execution that was killed at its hard time limit."""
    raised = TimeLimitExceeded(seconds)
    text = f"{ending.sentence(raised)}: it was killed before it began."
    return ending.failed(task, request, raised, "") or refused(
        request, str(task.name), "time_limit", text
    )


def lost(task_name: str, request: Context, problem: str) -> str | None:
    """Start a run again whose process died, within its cap; else end it as lost."""
    run_id, attempt, now = run_id_of(request), attempt_of(request), timezone.now()
    text = f"The process that executed attempt {attempt} died ({problem})"
    if losing.lose([run_id], "worker_died", now, attempt=attempt, sentence=text):
        return LOST
    if not is_recorded(request):
        record(message_of(task_name, request), now)
    return LOST if transitions.lose_unstarted(run_id, attempt, now) else None


def refused(context: Context, task_name: str, reason: str, text: str) -> str | None:
    """End the run of a message that this worker cannot make an execution of."""
    message, now = _without_content(context, task_name), timezone.now()
    record(message, now)
    ended = transitions.end_early(
        message.run_id, message.attempt, State.FAILED, reason, text, now, STARTABLE
    )
    return "run failed" if ended else None


def _without_content(context: Context, task_name: str) -> Message:
    """Return the message with what is known of it; nobody could decode more."""
    try:
        return message_of(task_name, context)
    except (TypeError, ValueError, AttributeError):
        plain: dict[str, Any] = {"id": context.id, "retries": 0}
        return message_of(task_name, Context(plain))
