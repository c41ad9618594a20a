"""Defines many schedules fast: as rows for Punctual and DatabaseScheduler, in Redis for redbeat.

All are of one task, which nobody needs to know: its messages are the same as a known one's.
Messages of the schedules go to the default queue.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from celery.schedules import schedule as celery_interval
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from redbeat import RedBeatSchedulerEntry
from redbeat.decoder import RedBeatJSONEncoder
from redbeat.schedulers import ensure_conf, get_redis
from redis import Redis

from beat.models import Beat, Policy, Timer
from beat.reconcile.reconciling import reconcile
from benchmarks.celery_app import app
from jobs.runs.models import Run
from jobs.runs.states import Overlap

TASK = "benchmarks.nothing"
BATCH = 5_000
# redbeat's messages do not name their schedule by themselves; django-celery-beat's do, so.
NAME_HEADER = "periodic_task_name"
# No scheduler is slowed down by what the measurement before has left.
EMPTIED = (Run, Beat, Policy, Timer, PeriodicTask, IntervalSchedule)


@dataclass(frozen=True)
class Interval:
    """Schedules of one interval, each due for the first time at its own instant."""

    every_seconds: int
    first_due_at: Sequence[float]

    def named(self) -> Iterator[tuple[str, float]]:
        """Yield the name of each schedule and its first instant."""
        for number, due_at in enumerate(self.first_due_at):
            yield str(number), due_at


def empty() -> None:
    """Forget all schedules, runs and messages. No beat may run."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
    tables = [model._meta.db_table for model in EMPTIED]  # noqa: SLF001 -- documented by Django
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            return
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")


def define_for_punctual(interval: Interval, queue: str | None = None) -> None:
    """Insert the schedules; none may be left out because an earlier run has not been executed."""
    rule, prefix = _rule(interval), f"{queue} " if queue else ""
    rows = [
        PeriodicTask(
            name=prefix + name,
            task=TASK,
            interval=rule,
            start_time=_instant(due_at),
            queue=queue,
        )
        for name, due_at in interval.named()
    ]
    PeriodicTask.objects.bulk_create(rows, batch_size=BATCH)
    policies = (Policy(schedule=row, overlap=Overlap.ALLOW) for row in rows)
    Policy.objects.bulk_create(policies, batch_size=BATCH)
    analyze()


def define_for_stock(interval: Interval, queue: str | None = None) -> None:
    """Insert the schedules as if each had been sent one interval before its first instant."""
    rule, prefix = _rule(interval), f"{queue} " if queue else ""
    rows = [
        PeriodicTask(
            name=prefix + name,
            task=TASK,
            interval=rule,
            last_run_at=_instant(due_at - interval.every_seconds),
            queue=queue,
        )
        for name, due_at in interval.named()
    ]
    PeriodicTask.objects.bulk_create(rows, batch_size=BATCH)
    analyze()


def define_for_redbeat(interval: Interval, queue: str | None = None) -> None:
    """Write the schedules as redbeat's entries save themselves, but thousands per round trip."""
    named = iter(interval.named())
    while batch := list(islice(named, BATCH)):
        with get_redis(app).pipeline(transaction=False) as pipe:
            for name, due_at in batch:
                entry = redbeat_entry(name, interval.every_seconds, due_at, queue)
                _add_entry(pipe, entry, int(due_at))
            pipe.execute()


def redbeat_entry(
    name: str, every_seconds: int, first_due_at: float, queue: str | None = None
) -> RedBeatSchedulerEntry:
    """Return an entry of redbeat that is due first at that instant."""
    options: dict[str, Any] = {"headers": {NAME_HEADER: name}}
    if queue:
        name, options["queue"] = f"{queue} {name}", queue
    return RedBeatSchedulerEntry(
        name=name,
        task=TASK,
        schedule=celery_interval(every_seconds, app=app),
        options=options,
        last_run_at=_instant(first_due_at - every_seconds),
        app=app,
    )


def add_yearly(count: int) -> PeriodicTask:
    """Insert so many schedules that are due in a year, in one statement; return the first.

    PostgreSQL only.
    """
    rule = IntervalSchedule.objects.create(every=365, period=IntervalSchedule.DAYS)
    first: PeriodicTask = PeriodicTask.objects.create(
        name="yearly 1", task=TASK, interval=rule, last_run_at=timezone.now()
    )
    fields = PeriodicTask._meta.concrete_fields  # noqa: SLF001 -- documented by Django
    columns = ", ".join(field.column for field in fields if field.column not in {"id", "name"})
    table = PeriodicTask._meta.db_table  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (name, {columns}) SELECT 'yearly ' || number, {columns} "
            f"FROM {table}, generate_series(2, %s) AS number WHERE id = %s",
            [count, first.pk],
        )
    return first


def compute_timers() -> float:
    """Compute the stale timers as beat does; return the seconds that it took."""
    began_at = time.perf_counter()
    while reconcile(timezone.now()):
        pass
    return time.perf_counter() - began_at


def copy_timer(first: PeriodicTask) -> None:
    """Compute the first schedule's timer and give the same to all others, which share its rule."""
    Timer.objects.exclude(schedule=first).update(is_stale=False)
    reconcile(timezone.now())
    computed = Timer.objects.values("due_at", "anchor_at", "definition").get(schedule=first)
    Timer.objects.exclude(schedule=first).update(**computed)
    analyze()


def analyze() -> None:
    """Leave no cleaning up to the time that is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _rule(interval: Interval) -> IntervalSchedule:
    rule: IntervalSchedule = IntervalSchedule.objects.get_or_create(
        every=interval.every_seconds, period=IntervalSchedule.SECONDS
    )[0]
    return rule


def _add_entry(pipe: Any, entry: RedBeatSchedulerEntry, due_at: int) -> None:
    """Write an entry. Its own `score` is right only when it ran just now (redbeat 2.4.2)."""
    fields = ("name", "task", "args", "kwargs", "options", "schedule", "enabled")
    definition = {field: getattr(entry, field) for field in fields}
    meta = {"last_run_at": entry.last_run_at}
    pipe.hset(entry.key, "definition", json.dumps(definition, cls=RedBeatJSONEncoder))
    pipe.hset(entry.key, "meta", json.dumps(meta, cls=RedBeatJSONEncoder))
    pipe.zadd(ensure_conf(app).schedule_key, {entry.key: due_at})


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
