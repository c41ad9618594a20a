"""The policy: an operator's rules for a schedule beyond "when"."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_celery_beat.models import PeriodicTask

from beat.models.calendar import Calendar
from beat.occurrences.crontab import InGap, Repeated
from jobs.runs.states import Overlap

DAY_SECONDS = 86_400


class CatchUp(models.TextChoices):
    """What happens to occurrences that were missed while nobody could claim them."""

    LATEST = "latest", "Run the newest one"
    ALL = "all", "Run each, oldest first"
    NONE = "none", "Run none"


class Policy(models.Model):
    """An operator's rules for a schedule beyond "when". A schedule without one has the defaults."""

    schedule = models.OneToOneField(
        PeriodicTask, on_delete=models.CASCADE, primary_key=True, related_name="policy"
    )
    overlap = models.CharField(max_length=15, choices=Overlap, default=Overlap.SKIP)
    catch_up = models.CharField(max_length=6, choices=CatchUp, default=CatchUp.LATEST)
    # How old an occurrence may be and still run.
    catch_up_window_seconds = models.PositiveIntegerField(default=DAY_SECONDS)
    # With "all": at most so many runs for one gap, this far apart.
    catch_up_limit = models.PositiveIntegerField(default=100)
    catch_up_pace_seconds = models.PositiveIntegerField(default=1)
    jitter_seconds = models.PositiveIntegerField(default=0)
    soft_time_limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    time_limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    # So often a run is tried when it fails, and started again when its worker dies.
    max_attempts = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    max_losses = models.PositiveSmallIntegerField(default=2, validators=[MaxValueValidator(100)])
    # The pause after a failure doubles from here up to there.
    backoff_seconds = models.PositiveIntegerField(default=30)
    longest_backoff_seconds = models.PositiveIntegerField(default=3600)
    # Names of exceptions, one per line; empty: whatever it fails with.
    retry_on = models.TextField(blank=True)
    # Retention of the schedule's runs; empty: as long as the setting RUN_RETENTION_DAYS says.
    runs_kept_days = models.PositiveIntegerField(null=True, blank=True)
    failures_kept_days = models.PositiveIntegerField(null=True, blank=True)
    # The last so many runs stay, however old.
    runs_kept_at_least = models.PositiveIntegerField(default=10)
    # Who is told by mail, one address per line, and of what besides failures.
    alert_to = models.TextField(blank=True, default="", db_default="")
    alert_on_failure = models.BooleanField(default=True, db_default=True)
    alert_late_after_seconds = models.PositiveIntegerField(null=True, blank=True)
    alert_slow_after_seconds = models.PositiveIntegerField(null=True, blank=True)
    in_gap = models.CharField(
        max_length=5,
        choices=[(rule.value, rule.value) for rule in InGap],
        default=InGap.AFTER.value,
    )
    repeated = models.CharField(
        max_length=6,
        choices=[(rule.value, rule.value) for rule in Repeated],
        default=Repeated.FIRST.value,
    )
    calendar = models.ForeignKey(
        Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="policies"
    )
    is_paused = models.BooleanField(default=False)
    # Empty while paused: until somebody resumes it.
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    # When it was paused: what was missed in the pause counts from here.
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"Policy of {self.schedule_id}"
