"""Timers and beats (beat's own), policies and calendars (the operators')."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django_celery_beat.models import PeriodicTask
from timezone_field import TimeZoneField

from beat.occurrences.crontab import InGap, Repeated
from jobs.runs.states import Overlap

DAY_SECONDS = 86_400


class CatchUp(models.TextChoices):
    """What happens to occurrences that were missed while nobody could claim them."""

    LATEST = "latest", "Run the newest one"
    ALL = "all", "Run each, oldest first"
    NONE = "none", "Run none"


class Calendar(models.Model):
    """Named days and windows on which schedules are not due, or on which alone they are."""

    name = models.CharField(max_length=100, unique=True)
    timezone = TimeZoneField(default="UTC", use_pytz=False)
    # With `allows`, schedules are due within the entries only; else everywhere but in them.
    allows = models.BooleanField(default=False, verbose_name="due only on these days")
    # Public holidays count as entries: a country of the `holidays` package, such as DE or US.
    country = models.CharField(max_length=3, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)

    def __str__(self) -> str:
        return self.name


class CalendarEntry(models.Model):
    """A day, or a window of it, of one year or of every year."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="entries")
    month = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(31)])
    # Empty: the same day of every year.
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1970), MaxValueValidator(9999)]
    )
    # Empty: the whole day. A window that ends before it starts goes over midnight.
    starts_at_time = models.TimeField(null=True, blank=True)
    ends_at_time = models.TimeField(null=True, blank=True)
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name_plural = "calendar entries"

    def __str__(self) -> str:
        year = f"{self.year:04}" if self.year else "every year"
        return f"{self.name or 'entry'} on {self.month:02}-{self.day:02} ({year})"


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

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"Policy of {self.schedule_id}"


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


class Beat(models.Model):
    """What a beat process has achieved; it writes so itself, every few seconds."""

    name = models.CharField(max_length=100, primary_key=True)
    host = models.CharField(max_length=80)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    # The last instant at which the step came to its end, whether or not there was work.
    last_tick_at = models.DateTimeField()
    last_claim_at = models.DateTimeField(null=True, blank=True)
    last_publish_at = models.DateTimeField(null=True, blank=True)
    claimed_count = models.PositiveBigIntegerField(default=0)
    published_count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class CodeSchedule(models.Model):
    """That a schedule comes from the code (`beat_schedule`), and what the code said last."""

    schedule = models.OneToOneField(
        PeriodicTask, on_delete=models.CASCADE, primary_key=True, related_name="code"
    )
    # The columns that the code asked for, by name. Only what differs from it is written.
    values = models.JSONField(default=dict)
    # False: the entry vanished from the code, and the schedule was disabled.
    is_in_code = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"Code of {self.schedule_id}"
