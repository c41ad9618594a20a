"""Schedules whose runs no worker would take: nobody listens to the queue, or knows the task."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db.models import Q
from django_celery_beat.models import PeriodicTask

from beat.definition import ScheduleRow
from beat.lints.lint import Lint
from jobs.runs.models import Worker

NO_EXCHANGE = (Q(exchange=None) | Q(exchange="")) & (Q(routing_key=None) | Q(routing_key=""))
NO_QUEUE = Q(queue=None) | Q(queue="")
# Every worker has these, and none tells of them.
CELERYS_OWN = "celery."


@dataclass(frozen=True)
class Workers:
    """What the workers that are there take: the queues, and the tasks that they know.

    `tasks` is None where a worker does not tell; then nobody can say that a task is unknown.
    """

    count: int
    queues: frozenset[str]
    tasks: frozenset[str] | None


def workers_there(now: datetime) -> Workers:
    """Return what the workers take together that are neither silent nor stopping."""
    lease = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
    there = Worker.objects.filter(
        stopped_at=None, stopping_at=None, heartbeat_at__gte=now - lease
    ).values_list("queues", "tasks")
    found = list(there)
    told = [tasks for _, tasks in found]
    return Workers(
        count=len(found),
        queues=frozenset(queue for queues, _ in found for queue in queues),
        tasks=frozenset(name for tasks in told for name in tasks) if all(told) else None,
    )


def queue_of(task: str, queue: str | None) -> str:
    """Return the queue that a schedule names, or to which the settings send its task."""
    if queue:
        return queue
    route = current_app.amqp.router.route({}, task)
    target = route.get("queue")
    return str(getattr(target, "name", target) or current_app.conf.task_default_queue)


def suspects_queue(now: datetime) -> Q:
    """Return that a schedule's queue is consumed by no worker, told from its distinct places."""
    consumed = workers_there(now).queues
    on: Any = PeriodicTask.objects.filter(enabled=True).order_by()
    queues = on.exclude(NO_QUEUE).values_list("queue", flat=True).distinct()
    tasks = on.filter(NO_QUEUE, NO_EXCHANGE).values_list("task", flat=True).distinct()
    named = Q(queue__in=[queue for queue in queues if queue not in consumed])
    lost = [task for task in tasks if queue_of(task, None) not in consumed]
    return Q(enabled=True) & (named | (Q(task__in=lost) & NO_QUEUE & NO_EXCHANGE))


def judge_queue(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return for each schedule whose queue nobody consumes what to start."""
    there = workers_there(now)
    places = {row.id: _place(row) for row in rows if row.enabled}
    return {
        id_: _queue_sentence(queue, there)
        for id_, queue in places.items()
        if queue and queue not in there.queues
    }


def suspects_task(now: datetime) -> Q:
    """Return that no worker knows a schedule's task."""
    known = workers_there(now).tasks
    if not known:
        return Q(pk__in=[])
    return Q(enabled=True) & ~Q(task__in=known) & ~Q(task__startswith=CELERYS_OWN)


def judge_task(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return for each schedule whose task no worker knows what to look at."""
    known = workers_there(now).tasks
    if not known:
        return {}
    return {
        row.id: (
            f"No worker that is there knows the task {row.task}: its runs would fail. "
            "Correct the name, or start a worker with the code that has it."
        )
        for row in rows
        if row.enabled and row.task not in known and not row.task.startswith(CELERYS_OWN)
    }


def _place(row: ScheduleRow) -> str:
    """Return the queue of a schedule; "" where an exchange decides, which only the broker knows."""
    if not row.queue and (row.exchange or row.routing_key):
        return ""
    return queue_of(row.task, row.queue)


def _queue_sentence(queue: str, there: Workers) -> str:
    if not there.count:
        return f"No worker is there at all. Start one that takes from the queue {queue}."
    return (
        f"No worker takes from the queue {queue}: its runs wait there. The workers take from "
        f"{_list(there.queues)}. Start one with -Q {queue}, or choose another queue."
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


QUEUE = Lint(
    key="queue",
    title="Nobody takes from its queue",
    meaning="No worker that is there consumes the queue, so that its runs would wait.",
    suspects=suspects_queue,
    judge=judge_queue,
)
TASK = Lint(
    key="task",
    title="Nobody knows its task",
    meaning="No worker that is there has the task, so that its runs would fail.",
    suspects=suspects_task,
    judge=judge_task,
)
