"""What the page of a run tells: its life in steps, its attempts, and what belongs to it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

from jobs.runs import by_hand, interested
from jobs.runs.models import Run, RunLog
from jobs.runs.results import links_of
from jobs.runs.states import ENDS, UNDER_WAY, State

ATTEMPTS_SHOWN = 10
CHILDREN_SHOWN = 20
# Below it a wait is no wait to people.
SHORTEST_WAIT = timedelta(milliseconds=10)


@dataclass(frozen=True)
class Step:
    """An instant in the life of a run; `waited` is how long it took to get there, and for what."""

    name: str
    at: datetime
    waited: timedelta | None = None
    waited_for: str = ""


@dataclass(frozen=True)
class ShownAttempt:
    """One try at the run: an earlier one, or the one that is the run itself."""

    number: int
    outcome: str
    state: str
    worker: str
    started_at: datetime | None
    ended_at: datetime | None
    error: str
    traceback: str
    log: RunLog | None

    @property
    def duration(self) -> timedelta | None:
        """Return how long it took, or None while nobody knows."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at


def content_of(run: Run, user: AbstractBaseUser | AnonymousUser, now: datetime) -> dict[str, Any]:
    """Return what the template of a run's page shows to `user`."""
    children = list(run.children.defer("args", "kwargs", "result")[: CHILDREN_SHOWN + 1])
    return {
        "run": run,
        "is_under_way": run.state in UNDER_WAY,
        "never_started": run.state in ENDS and run.attempt == 1 and run.started_at is None,
        "steps": steps_of(run),
        "running_for": now - run.started_at if _is_running(run) and run.started_at else None,
        "attempts": attempts_of(run),
        "attempts_left_out": max(0, run.attempt - ATTEMPTS_SHOWN),
        "arguments": readable_json({"args": run.args, "kwargs": run.kwargs}),
        "result": "" if run.result is None else readable_json(run.result),
        "links": links_of(run.result),
        "parent": Run.objects.filter(id=run.parent_id).first() if run.parent_id else None,
        "children": sorted(children[:CHILDREN_SHOWN], key=lambda child: child.due_at),
        "has_more_children": len(children) > CHILDREN_SHOWN,
        **_allowed(run, user),
    }


def steps_of(run: Run) -> list[Step]:
    """Return the instants of the run's life in their order, those of its current attempt."""
    steps = [Step("Due", run.due_at)]
    if abs(run.publish_at - run.due_at) >= timedelta(seconds=1):
        steps.append(Step("To be sent", run.publish_at))
    sendable_at = max(run.due_at, run.publish_at)
    if run.queued_at:
        steps.append(Step("Sent", run.queued_at, *_wait(sendable_at, run.queued_at, "beat")))
    if run.started_at:
        sent_at = run.queued_at or sendable_at
        steps.append(Step("Started", run.started_at, *_wait(sent_at, run.started_at, "a worker")))
    if run.cancel_requested_at:
        steps.append(Step("Asked to end", run.cancel_requested_at))
    if run.finished_at:
        steps.append(Step("Finished" if run.started_at else "Ended", run.finished_at))
    return steps


def attempts_of(run: Run) -> list[ShownAttempt]:
    """Return the run's newest attempts with their logs, the current one first."""
    first_shown = run.attempt - ATTEMPTS_SHOWN + 1
    logs = {log.attempt: log for log in run.logs.filter(attempt__gte=first_shown)}
    earlier = [
        ShownAttempt(
            attempt.number,
            attempt.get_outcome_display(),
            _colour(attempt.outcome),
            attempt.worker,
            attempt.started_at,
            attempt.ended_at,
            attempt.error,
            attempt.traceback,
            logs.get(attempt.number),
        )
        for attempt in run.attempts.filter(number__gte=first_shown).order_by("-number")
    ]
    return [_current(run, logs.get(run.attempt)), *earlier]


def readable_json(value: object) -> str:
    """Return JSON on indented lines, as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _current(run: Run, log: RunLog | None) -> ShownAttempt:
    # A run that waits again keeps the error and the instants of the attempt before.
    waits = run.state in (State.PENDING, State.QUEUED)
    is_over = not waits and not _is_running(run)
    has_failed = is_over and run.state != State.SUCCEEDED
    return ShownAttempt(
        run.attempt,
        run.get_state_display(),
        run.state,
        "" if waits else run.worker,
        None if waits else run.started_at,
        run.finished_at,
        run.error if has_failed else "",
        run.traceback if has_failed else "",
        log,
    )


def _colour(outcome: str) -> str:
    return {"failed": "failed", "lost": "lost"}.get(outcome, "warning")


def _wait(since: datetime, until: datetime, what_for: str) -> tuple[timedelta | None, str]:
    waited = until - since
    return (waited, what_for) if waited >= SHORTEST_WAIT else (None, "")


def _is_running(run: Run) -> bool:
    return run.state == State.RUNNING


def _allowed(run: Run, user: AbstractBaseUser | AnonymousUser) -> dict[str, Any]:
    """Return what this person may do with the run now, and why not, where the run is the reason."""
    if not isinstance(user, PermissionsMixin):
        return {}
    is_under_way = run.state in UNDER_WAY
    may_retry = user.has_perm("runs.retry_run") and not is_under_way
    may_cancel = user.has_perm("runs.cancel_run") and is_under_way
    # An account of another kind than the site's has no permissions, and so no say.
    person = user if isinstance(user, AbstractBaseUser) else None
    refusal = interested.why_not(run.id, person) if may_retry or may_cancel else ""
    if may_retry:
        refusal = refusal or by_hand.why_no_retry(run)
    return {
        "may_retry": may_retry and not refusal,
        "refusal": refusal,
        "may_cancel": may_cancel and not refusal,
    }
