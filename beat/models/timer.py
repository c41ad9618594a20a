"""The timer: the row that holds a schedule's next due instant."""

from django.db import models
from django_celery_beat.models import PeriodicTask


class Timer(models.Model):
    """A schedule's next due instant. Beat owns it; operators never write to it."""

    schedule = models.OneToOneField(
        PeriodicTask, on_delete=models.CASCADE, primary_key=True, related_name="timer"
    )
    # Empty: nothing more is due (disabled, done, never due, or set aside).
    due_at = models.DateTimeField(null=True, blank=True)
    # Intervals count from here: anchor + n * every.
    anchor_at = models.DateTimeField(null=True, blank=True)
    # What due_at was computed from, as text; differs from the schedule's after an edit.
    definition = models.TextField(blank=True)
    # Set by database triggers on every edit, whatever its route; cleared by reconcile.
    is_stale = models.BooleanField(default=True)
    # Why the schedule cannot be computed or published; empty: it is not set aside.
    set_aside_reason = models.CharField(max_length=40, blank=True)
    set_aside_text = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (
            # Claim: due timers, the longest due first.
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False, is_stale=False),
                name="timer_due",
            ),
            # Reconcile: timers whose schedule was edited.
            models.Index(
                fields=["schedule"], condition=models.Q(is_stale=True), name="timer_stale"
            ),
        )

    def __str__(self) -> str:
        return f"Timer of {self.schedule_id}"
