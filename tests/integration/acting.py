"""Schedules of now for the tests of actions, and what the trail says of them."""

from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.access.asker import Asker
from beat.definition import schedule_rows, timing_text
from beat.models import Timer

COMMAND_LINE = Asker(None, "ops", "command line", "host")


def every_minute(name: str = "Minutely", due_in_seconds: float = 30, **changes: Any) -> Any:
    """Return a schedule that is due every minute, next so soon, with its timer."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(
        **{"name": name, "task": "tests.add", "interval": interval, **changes}
    )
    set_timer(schedule, due_in_seconds)
    return schedule


def set_timer(schedule: PeriodicTask, due_in_seconds: float) -> Timer:
    """Let the schedule's timer be due then, as if beat had computed it."""
    due_at = timezone.now().replace(microsecond=0) + timedelta(seconds=due_in_seconds)
    values: dict[str, Any] = {
        "due_at": due_at,
        "anchor_at": due_at - timedelta(minutes=1),
        "is_stale": False,
    }
    values["definition"] = timing_text(schedule_rows([schedule.pk])[schedule.pk])
    timer, _ = Timer.objects.update_or_create(schedule=schedule, defaults=values)
    return timer


def trail(schedule: PeriodicTask) -> list[str]:
    """Return what was done to the schedule, as "action by whom: why", the oldest first."""
    entries = LogEntry.objects.filter(object_id=schedule.pk).order_by("id")
    told = [entry.additional_data or {} for entry in entries]
    return [f"{one['action']} by {one['by']}: {one.get('why', '')}".strip(" :") for one in told]
