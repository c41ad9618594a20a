"""A backfill: occurrences of a schedule's past that somebody wants to run."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.urls import reverse
from django_celery_beat.models import PeriodicTask


class Backfill(models.Model):
    """A span of the past whose occurrences beat runs, a few at a time.

    Its occurrences are rows from the beginning, so that it never makes more than was asked for,
    whatever becomes of the schedule's rule meanwhile.
    """

    schedule = models.ForeignKey(
        PeriodicTask, null=True, on_delete=models.SET_NULL, related_name="backfills"
    )
    schedule_name = models.CharField(max_length=200)
    # The span: the first instant belongs to it, the second does not.
    from_at = models.DateTimeField()
    before_at = models.DateTimeField()
    # So many of its runs are under way at once, and they start so far apart.
    at_most = models.PositiveSmallIntegerField(default=1)
    pace_seconds = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    asked_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)
    # A form that is sent twice asks once.
    token = models.UUIDField(default=uuid4, unique=True)
    last_made_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Why it ended before all were made; empty: they were.
    end_text = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (
            # Beat: which are to go on.
            models.Index(
                fields=["id"], condition=models.Q(ended_at__isnull=True), name="backfill_open"
            ),
        )

    def __str__(self) -> str:
        return f"Backfill {self.pk} of {self.schedule_name}"

    def get_absolute_url(self) -> str:
        """Return the address of its page in the admin."""
        return reverse("admin:beat_backfill_change", args=[self.pk])


class BackfillOccurrence(models.Model):
    """One instant of a backfill, and the run that beat has made for it."""

    backfill = models.ForeignKey(
        Backfill, on_delete=models.CASCADE, related_name="occurrences", db_index=False
    )
    due_at = models.DateTimeField()
    # No foreign key: retention deletes runs and need not look here.
    run_id = models.UUIDField(null=True)
    # Beat has seen the end of its run.
    is_over = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["backfill", "due_at"], name="backfill_occurrence"),
        )
        indexes = (
            # Beat: which come next.
            models.Index(
                fields=["backfill", "due_at"],
                condition=models.Q(run_id__isnull=True),
                name="backfill_to_make",
            ),
            # Beat: which may be under way.
            models.Index(
                fields=["backfill"],
                condition=models.Q(run_id__isnull=False, is_over=False),
                name="backfill_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.due_at:%Y-%m-%d %H:%M:%S} of backfill {self.backfill_id}"
