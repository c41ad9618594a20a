"""What a task may ask about the run that executes it."""

from datetime import datetime
from uuid import UUID, uuid5

from celery import current_task
from django.utils import timezone

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
    if not current_task or current_task.request.id is None:
        return None
    return id_of_run(current_task.request.id)


def id_of_run(task_id: str) -> UUID:
    """Return the run's id for a Celery task id; one that is no UUID is mapped to its own UUID."""
    try:
        return UUID(task_id)
    except ValueError:
        return uuid5(RUN_NAMESPACE, task_id)
