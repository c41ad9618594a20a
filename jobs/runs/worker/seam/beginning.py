"""The beginning of an attempt at a worker: recorded, admitted and started, in this order."""

from datetime import datetime
from typing import Any

from celery import Task
from celery.app.task import Context

from jobs.runs.limits import admit_started
from jobs.runs.starting import Message, record, record_and_start, start, was_started
from jobs.runs.worker.database.patience import DATABASE_AWAY, insist
from jobs.runs.worker.seam.arriving import is_recorded, message_of


def begin(task: Task[Any, Any], request: Context, now: datetime) -> datetime | None:
    """Claim the attempt that the request is about; return its `due_at`, None when it may not run.

    What a schedule has asked for costs one statement, and so does an ad-hoc call without limits.
    """
    message = message_of(task.name, request)
    known = is_recorded(request)
    limited = getattr(task, "limits", None) is not None
    try:
        return _begin(message, known, limited, now)
    except DATABASE_AWAY:
        # The connection may have broken between the commit and the answer.
        return insist(lambda: was_started(message, now) or _begin(message, known, limited, now))


def _begin(message: Message, known: bool, limited: bool, now: datetime) -> datetime | None:
    if known:
        return start(message, now)
    if not limited and not message.schedule_name:
        return record_and_start(message, now)
    record(message, now)
    if limited and admit_started(message, now) is not None:
        return None
    return start(message, now)
