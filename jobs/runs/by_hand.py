"""What people do to runs by hand: start one again, or end one. Pages, admin and command call it.

Who may do so at all is decided where it is asked; to which runs, by who is interested in them.
What was done is logged with the person.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from jobs.runs import cancelling, interested
from jobs.runs.ids import new_run_id
from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY, Kind, State

# What is done, by what rules, and where it is sent; the key of a limit is worked out anew.
COPIED = (
    "schedule_id", "schedule_name", "task", "due_at", "args", "kwargs", "queue", "exchange",
    "routing_key", "priority", "headers", "overlap", "soft_time_limit_seconds",
    "time_limit_seconds", "max_attempts", "max_losses", "backoff_seconds",
    "longest_backoff_seconds", "retry_on",
)  # fmt: skip

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """Whether it was done, a sentence for the one who asked, and the new run, if there is one."""

    is_done: bool
    sentence: str
    run: Run | None = None


def why_no_retry(run: Run) -> str:
    """Return why the run cannot be started again; empty when it can."""
    if run.state in UNDER_WAY:
        return f"It is still {run.state}. Cancel it first, or wait for its end."
    if not run.is_whole:
        return (
            "Its arguments could not be kept whole, so that nobody can send it again. "
            "Ask for it where it came from."
        )
    again = run.children.filter(kind=Kind.RETRY, state__in=UNDER_WAY).first()
    if again is not None:
        return f"It has been started again already, as run {again.id}, which is {again.state}."
    return ""


def retry(run_id: UUID, by: AbstractBaseUser | None, now: datetime) -> Answer:
    """Insert a new run of the same work and the same logical instant, which beat then publishes.

    The row of the old one is locked meanwhile: of several people at the same time one gets a run.
    What was to follow the old one (a chain, a chord) does not follow the new one: it may have
    been given up, or be done already. Raises Run.DoesNotExist.
    """
    with transaction.atomic():
        old = Run.objects.select_for_update(of=("self",)).get(id=run_id)
        refusal = interested.why_not(run_id, by) or why_no_retry(old)
        if refusal:
            return Answer(False, refusal)
        new = _again(old, by, now)
        new.save(force_insert=True)
    logger.info("run started again by hand", run=str(new.id), parent=str(old.id), by=_name(by))
    return Answer(True, "It is started again as a new run.", new)


def cancel(run_id: UUID, by: AbstractBaseUser | None, reason: str, now: datetime) -> Answer:
    """End a run that waits at once; ask one that runs to end. Raises Run.DoesNotExist."""
    if refusal := interested.why_not(run_id, by):
        return Answer(False, refusal)
    if cancelling.request_cancel(run_id, by, reason, now):
        if Run.objects.get(id=run_id).state == State.RUNNING:
            return Answer(True, "The task was asked to end; it does so when it looks for that.")
        return Answer(True, "It was cancelled before it started.")
    run = Run.objects.get(id=run_id)
    if run.state in UNDER_WAY:
        return Answer(False, "It has been asked to end already. It can be ended by force.")
    return Answer(False, f"It is over: it has {_ended(run)}.")


def end_by_force(run_id: UUID, by: AbstractBaseUser | None, reason: str, now: datetime) -> Answer:
    """End a run that does not listen, and its process. Raises Run.DoesNotExist."""
    if refusal := interested.why_not(run_id, by):
        return Answer(False, refusal)
    if cancelling.end_by_force(run_id, by, reason, now):
        return Answer(True, "It was ended by force.")
    return Answer(False, f"It is over: it has {_ended(Run.objects.get(id=run_id))}.")


def _again(old: Run, by: AbstractBaseUser | None, now: datetime) -> Run:
    new = Run(**{name: getattr(old, name) for name in COPIED})
    new.id = new_run_id(now)
    new.kind = Kind.RETRY
    new.publish_at = now
    new.parent_id = old.id
    new.asked_by_id = by.pk if by is not None else None
    return new


def _ended(run: Run) -> str:
    return {State.SUCCEEDED: "succeeded", State.FAILED: "failed"}.get(
        State(run.state), f"ended as {run.state}"
    )


def _name(by: AbstractBaseUser | None) -> str:
    return by.get_username() if by is not None else "somebody at the command line"
