"""Tasks by their names: what this process knows of them, and what the workers say."""

from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import Any

from celery import current_app
from django.conf import settings
from django.db.models.functions import Now

from jobs.runs import arguments
from jobs.runs.models import Worker

CELERYS_OWN = "celery."


def task_named(name: str) -> Any | None:
    """Return the registered task of this name, None when this process knows none."""
    return _registered().get(name)


def task_names() -> list[str]:
    """Return the names of the registered tasks in order, Celery's own ones left out."""
    return sorted(name for name in _registered() if not name.startswith(CELERYS_OWN))


def signature_of(task_name: str) -> arguments.Signature | None:
    """Return what the task takes, None when it is not registered here or cannot be inspected."""
    task = task_named(task_name)
    return None if task is None else arguments.signature_of(task)


def task_warnings(task_name: str, queue: str = "", exchange: str = "") -> list[str]:
    """Return sentences about a task or a queue that no worker takes at present.

    They warn and refuse nothing: a worker may be started a minute later. Reads the rows of the
    workers in one query, and says nothing about them while there is none.
    """
    if not task_name:
        return []
    workers = _live_workers()
    sentences = _about_task(task_name, workers)
    if not exchange and workers:
        sentences += _about_queue(queue or _routed_queue(task_name), workers)
    return sentences


def _registered() -> Any:
    _import_all()
    return current_app.tasks


@cache
def _import_all() -> None:
    """Import the modules of all tasks, as `celery worker` does it; a web process has not.

    Once: Celery's Django fixup runs all system checks with it, which takes a tenth of a second.
    """
    current_app.loader.import_default_modules()


def _live_workers() -> list[Worker]:
    """Return the workers that have told of themselves within the lease, by the database's clock."""
    lease = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
    alive = Worker.objects.filter(stopped_at=None, heartbeat_at__gte=Now() - lease)
    return list(alive.only("queues", "tasks"))


def _about_task(name: str, workers: list[Worker]) -> list[str]:
    known_to_workers = {task for worker in workers for task in worker.tasks}
    if task_named(name) is None:
        if name in known_to_workers:
            return [f"Only workers know the task “{name}”. Its arguments cannot be checked here."]
        return [_unknown(name, {*task_names(), *known_to_workers})]
    if known_to_workers and name not in known_to_workers:
        return [f"No worker knows the task “{name}”. Start workers with this version of the code."]
    return []


def _unknown(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean “{near[0]}”?" if near else "Check its name."
    return f"The task “{name}” is not known here, nor to a worker that runs now. {hint}"


def _about_queue(queue: str, workers: list[Worker]) -> list[str]:
    consumed = sorted({each for worker in workers for each in worker.queues})
    if queue in consumed:
        return []
    sentence = (
        f"No worker takes from the queue “{queue}”: the runs would wait. "
        f"Start one with -Q {queue}, or choose one of: {', '.join(consumed)}."
    )
    return [sentence]


def _routed_queue(task_name: str) -> str:
    """Return the queue that Celery's routes choose for the task."""
    task = task_named(task_name)
    route = current_app.amqp.router.route({}, task_name, (), {}, task)
    chosen = route.get("queue")
    return str(getattr(chosen, "name", chosen) or current_app.conf.task_default_queue)
