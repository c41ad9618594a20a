"""Schedules that the code owns."""

from django.db import models
from django_celery_beat.models import PeriodicTask


class Source(models.TextChoices):
    """Where the code says it."""

    BEAT_SCHEDULE = "beat_schedule", "beat_schedule of the Celery app"
    FILE = "file", "a file of schedules"


class CodeSchedule(models.Model):
    """That a schedule comes from the code (see `source`), and what the code said last."""

    schedule = models.OneToOneField(
        PeriodicTask, on_delete=models.CASCADE, primary_key=True, related_name="code"
    )
    source = models.CharField(max_length=13, choices=Source, default=Source.BEAT_SCHEDULE)
    # What the code calls it, whatever its name: a schedule is renamed without losing its history.
    key = models.CharField(max_length=200, unique=True, null=True, blank=True)
    # The columns that the code asked for, by name. Only what differs from it is written.
    values = models.JSONField(default=dict)
    # False: the entry vanished from the code, and the schedule was disabled.
    is_in_code = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"Code of {self.schedule_id}"
