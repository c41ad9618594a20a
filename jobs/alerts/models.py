"""Alerts, whom they are told to, in which mails, and when somebody last looked."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

# As long as Django's validator lets an address be.
ADDRESS_LENGTH = 320


class Trouble(models.TextChoices):
    """What people are told of. SILENT is about beat and has no schedule."""

    FAILED = "failed", "failed"
    BROKEN = "broken", "was set aside"
    LATE = "late", "is late"
    SLOW = "slow", "takes too long"
    SILENT = "silent", "is silent"


class Alert(models.Model):
    """One trouble of one schedule, or of beat. While `over_at` is empty it goes on.

    `told_at` and `told_over_at` say when everybody in `told_to` (addresses, one per line) was told
    of its beginning and its end, or refused by the mail server. With `is_dropped` nobody is told
    any more: nothing asks for it now.
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
    # With the longest reason of a run or of a timer.
    sentence = models.CharField(max_length=600)
    # The run that it is about; its row may be past its retention.
    run_id = models.UUIDField(null=True, blank=True)
    told_to = models.TextField(blank=True)
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
            # Two empty schedules are different to the constraint above. It must not hold for
            # troubles of schedules: those of deleted ones have none either.
            models.UniqueConstraint(
                fields=["trouble"],
                condition=Q(over_at__isnull=True, trouble=Trouble.SILENT),
                name="alert_of_beat",
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
        """Return whether it is in order again."""
        return self.over_at is not None

    @property
    def addresses(self) -> list[str]:
        """Return who is told."""
        return lines_of(self.told_to)

    @property
    def address(self) -> str:
        """Return where to look: the run's page, else the schedule's, or that of the beats."""
        if self.trouble == Trouble.SILENT:
            return reverse("runs:workers")
        if self.run_id is not None:
            return reverse("runs:run", args=[self.run_id])
        if self.schedule_id is None:
            return reverse("runs:history")
        return reverse("admin:django_celery_beat_periodictask_change", args=[self.schedule_id])


class AlertMail(models.Model):
    """One mail to one address, about all that was to be told to it. Its id makes its Message-ID.

    A sender writes `begun_at` before it sends and `settled_at` when it knows what became of it.
    Whoever finds one that was begun long ago and not settled sends it once more.
    """

    class Result(models.TextChoices):
        """What became of it; empty: not known yet."""

        SENT = "sent"
        REFUSED = "refused"
        GIVEN_UP = "given up"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    made_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=8, choices=Result, blank=True)
    # The mail server's, when it did not take it.
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            # One at a time, so that what comes meanwhile is told in the next one together.
            models.UniqueConstraint(
                fields=["address"], condition=Q(settled_at__isnull=True), name="alert_mail_open"
            ),
        )
        indexes = (
            # Retention.
            models.Index(fields=["made_at"], name="alert_mail_by_age"),
        )

    def __str__(self) -> str:
        return f"Mail of alerts to {self.address}"


class Telling(models.Model):
    """That one address is told of the beginning or the end of an alert; by which mail."""

    # The constraint below begins with it.
    alert = models.ForeignKey(
        Alert, on_delete=models.CASCADE, related_name="tellings", db_index=False
    )
    is_end = models.BooleanField()
    address = models.CharField(max_length=ADDRESS_LENGTH)
    mail = models.ForeignKey(
        AlertMail, null=True, blank=True, on_delete=models.CASCADE, related_name="tellings"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["alert", "is_end", "address"], name="telling_once"),
        )
        indexes = (
            # Telling: what waits for a mail, by address.
            models.Index(
                fields=["address"], condition=Q(mail__isnull=True), name="telling_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{'End' if self.is_end else 'Beginning'} of {self.alert_id} to {self.address}"


class Watch(models.Model):
    """One row: when somebody last looked, and when beats last gave a sign. Database's clock."""

    looked_at = models.DateTimeField()
    # Somebody compared the signs of beats.
    beat_looked_at = models.DateTimeField()
    # A digest of what beats say of themselves, and when it was last seen to have changed.
    beat_signs = models.CharField(max_length=64, blank=True)
    beat_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Looked at {self.looked_at:%Y-%m-%d %H:%M:%S}"


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line for each in text.splitlines() if (line := each.strip())]
