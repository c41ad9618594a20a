"""Whom a schedule belongs to, and what it is filed under."""

from django.contrib.auth.models import Group
from django.db import models
from django_celery_beat.models import PeriodicTask


class Tag(models.Model):
    """A word that schedules are filed under and filtered by."""

    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ScheduleDetails(models.Model):
    """A schedule's owner and tags. A schedule without a row has neither."""

    schedule = models.OneToOneField(
        PeriodicTask, on_delete=models.CASCADE, primary_key=True, related_name="details"
    )
    # Only members of this group (and superusers) may touch the schedule; empty: whoever has the
    # permission.
    owner = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_schedules"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="schedules")

    class Meta:
        verbose_name_plural = "schedule details"
        permissions = (
            ("operate_schedule", "Can run, rehearse, pause, resume, skip and backfill schedules"),
        )

    def __str__(self) -> str:
        return f"Details of {self.schedule_id}"
