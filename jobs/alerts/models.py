"""An alert: a trouble of a schedule, from the moment that it was seen to the one it was over."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django_celery_beat.models import PeriodicTask


class Trouble(models.TextChoices):
    """What a schedule's policy can ask to be told of."""

    FAILED = "failed", "failed"
    LATE = "late", "is late"
    SLOW = "slow", "takes too long"


class Alert(models.Model):
    """One trouble of one schedule. While `over_at` is empty it goes on.

    `told_at` and `told_over_at` say when everybody in `told_to` (addresses, one per line) was told
    of its beginning and its end. With `is_dropped` nobody is told any more: the policy does not
    ask for it now.
    """

    schedule = models.ForeignKey(
        PeriodicTask,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="alerts",
        # The constraint below begins with it.
        db_index=False,
    )
    schedule_name = models.CharField(max_length=200)
    trouble = models.CharField(max_length=6, choices=Trouble)
    sentence = models.CharField(max_length=600)
    # The run that it is about; its row may be past its retention.
    run_id = models.UUIDField(null=True, blank=True)
    told_to = models.TextField()
    begun_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    told_over_at = models.DateTimeField(null=True, blank=True)
    is_dropped = models.BooleanField(default=False)

    class Meta:
        constraints = (
            # However many look at the same time, one alert begins.
            models.UniqueConstraint(
                fields=["schedule", "trouble"],
                condition=Q(over_at__isnull=True),
                name="alert_of_trouble",
            ),
        )
        indexes = (
            # SET NULL when a schedule is deleted, and the alerts on its page.
            models.Index(fields=["schedule", "-begun_at"], name="alert_by_schedule"),
            # Telling: whose beginning or end is still to be told.
            models.Index(
                fields=["begun_at"],
                condition=Q(is_dropped=False)
                & (Q(told_at__isnull=True) | Q(over_at__isnull=False, told_over_at__isnull=True)),
                name="alert_to_tell",
            ),
            # Retention, and the list: the newest first.
            models.Index(fields=["-begun_at", "-id"], name="alert_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.schedule_name} {self.get_trouble_display()}"

    @property
    def is_over(self) -> bool:
        """Return whether the schedule is in order again."""
        return self.over_at is not None

    @property
    def addresses(self) -> list[str]:
        """Return who is told."""
        return lines_of(self.told_to)

    @property
    def address(self) -> str:
        """Return where to look: the run's page, else the schedule's."""
        if self.run_id is not None:
            return reverse("runs:run", args=[self.run_id])
        if self.schedule_id is None:
            return reverse("runs:history")
        return reverse("admin:django_celery_beat_periodictask_change", args=[self.schedule_id])


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line for each in text.splitlines() if (line := each.strip())]
