"""What a task may ask and tell about the run that executes it.

    from jobs.runs.current import due_at, report_progress

Outside of a worker (in a shell, a test, a plain call) everything works, and there is no run:
`due_at` is now, nobody cancels, what is reported is dropped.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from celery import current_task
from django.utils import timezone

from jobs.runs import progress
from jobs.runs.cancelling import Cancelled, is_asked_to_end
from jobs.runs.once import UnderWayError, once
from jobs.runs.rehearsal import Rehearsal
from jobs.runs.results import MOST_LINKS, link_to
from jobs.runs.worker.output import writing
from jobs.runs.worker.output.execution import current_execution

__all__ = [
    "Cancelled",
    "UnderWayError",
    "attempt",
    "due_at",
    "id_of_run",
    "is_cancelled",
    "is_rehearsal",
    "link",
    "once",
    "raise_if_cancelled",
    "rehearsal",
    "report_progress",
    "run_id",
]

RUN_NAMESPACE = UUID("5f1f8c4e-7a52-4c0a-9a55-3b1d7f0d2c11")


def due_at() -> datetime:
    """Return the logical instant of the run under way (UTC), or now outside of a worker.

    A task about "yesterday" counts from this instant and so stays about the right day when it
    runs late.
    """
    if not current_task:
        return timezone.now()
    instant: datetime | None = getattr(current_task.request, "due_at", None)
    return instant or timezone.now()


def run_id() -> UUID | None:
    """Return the id of the run under way, or None outside of a worker."""
    execution = current_execution()
    if execution is not None:
        return execution.run_id
    if not current_task or current_task.request.id is None:
        return None
    return id_of_run(current_task.request.id)


def attempt() -> int:
    """Return which try this is, counted from 1; 1 outside of a worker."""
    execution = current_execution()
    return execution.attempt if execution is not None else 1


def is_rehearsal() -> bool:
    """Return whether somebody only tries the task; False outside of a worker.

    What it writes into the database is undone and its mail goes to the one who asked; a task that
    does something elsewhere (files, calls of other systems) asks this and leaves it.
    """
    return rehearsal() is not None


def rehearsal() -> Rehearsal | None:
    """Return what is known of the rehearsal that is under way, or None when there is none."""
    execution = current_execution()
    return execution.rehearsal if execution is not None else None


def report_progress(done: float, total: float | None = None, text: str = "") -> None:
    """Tell how far the task is, as often as it likes: written at most once a second.

    The last one is always written. Never raises: wrong numbers are clipped, long texts cut.
    """
    execution = current_execution()
    if execution is not None:
        execution.progress = progress.progress(done, total, text)
        writing.writer.look_after(execution)


def is_cancelled() -> bool:
    """Return whether the task should stop; asks the database at most once a second.

    It should when somebody asked for it, and when another attempt has taken its place.
    """
    execution = current_execution()
    return execution is not None and is_asked_to_end(execution)


def raise_if_cancelled() -> None:
    """Raise Cancelled when the task should stop; let it pass, and the run ends as cancelled."""
    if is_cancelled():
        raise Cancelled("The run was asked to end.")


def link(title: str, url: str) -> None:
    """Add an artefact to the result, as a link on the run's page; at most MOST_LINKS.

    The address is one of this site ("/reports/7/") or of another one ("https://..."). Any other
    is left out.
    """
    execution = current_execution()
    made = link_to(title, url)
    if execution is not None and made is not None and len(execution.links) < MOST_LINKS:
        execution.links.append(made)


# An execution asks several times.
@lru_cache(maxsize=64)
def id_of_run(task_id: str) -> UUID:
    """Return the run's id for a Celery task id; one that is no UUID is mapped to its own UUID."""
    try:
        return UUID(task_id)
    except ValueError:
        return uuid5(RUN_NAMESPACE, task_id)
