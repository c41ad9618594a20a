"""Schedules that are due every minute, for the tests of claims."""

from datetime import UTC, datetime
from typing import Any

from django_celery_beat.models import (
    IntervalSchedule,
    PeriodicTask,
)

from beat.reconcile.reconciling import reconcile

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutely(name: str = "minutely", **changes: Any) -> PeriodicTask:
    """Return a schedule that is due every minute from 12:01 on, with its timer."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(
        name=name, **{"task": "tests.add", "interval": interval} | changes
    )
    reconcile(NOON)
    return schedule


def many_minutely(count: int) -> list[PeriodicTask]:
    """Return so many schedules, all due at 12:01."""
    interval = IntervalSchedule.objects.create(every=1, period="minutes")
    schedules: list[PeriodicTask] = PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"schedule {n}", task="tests.add", interval=interval)
        for n in range(count)
    )
    reconcile(NOON, count)
    return schedules
