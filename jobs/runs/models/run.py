"""The Run: one row per execution, the record of what happened and why."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from jobs.runs.rehearsal import HEADER
from jobs.runs.states import WAITS_FOR_SLOT, Kind, Overlap, State


class Run(models.Model):
    """One execution of a task, from its first message to its end.

    `id` is the Celery task id. `due_at` is the logical time that the task is told, `attempt`
    counts from 1 and fences: a transition names the attempt that it belongs to.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    schedule = models.ForeignKey(
        PeriodicTask,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="runs",
        # The index below begins with it and also serves the SET NULL of a deleted schedule.
        db_index=False,
    )
    schedule_name = models.CharField(max_length=200, blank=True)
    task = models.CharField(max_length=255)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.ADHOC)
    due_at = models.DateTimeField()
    publish_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=40, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    args = models.JSONField(default=list, blank=True)
    kwargs = models.JSONField(default=dict, blank=True)
    queue = models.CharField(max_length=200, blank=True)
    exchange = models.CharField(max_length=200, blank=True)
    routing_key = models.CharField(max_length=200, blank=True)
    priority = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    # A run that no worker has started by then ends as expired.
    expires_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    # A gap of many missed occurrences is one row: this many, from due_at to missed_until.
    missed_count = models.PositiveIntegerField(default=0)
    missed_until = models.DateTimeField(null=True, blank=True)
    # The policy's rules at the moment of the claim: an edit never changes a run under way.
    overlap = models.CharField(max_length=15, choices=Overlap, default=Overlap.ALLOW)
    soft_time_limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    time_limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    # So often it is tried when it fails, and started again when its worker dies.
    max_attempts = models.PositiveSmallIntegerField(default=1)
    max_losses = models.PositiveSmallIntegerField(default=2, db_default=2)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    losses = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The pause after a failure doubles from here up to there.
    backoff_seconds = models.PositiveIntegerField(default=0)
    longest_backoff_seconds = models.PositiveIntegerField(default=3600, db_default=3600)
    # Names of the exceptions that another attempt may help against; empty: all.
    retry_on = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True
    )
    # The beat that is handing this run to the broker; another may try after the instant.
    published_by = models.CharField(max_length=100, blank=True)
    publish_lease_until = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        # A partial one is below: every change of a row is a new entry in each full index.
        db_index=False,
    )
    worker = models.CharField(max_length=255, blank=True)
    # The life of the worker that has it; see `Worker`.
    worker_id = models.UUIDField(null=True, blank=True)
    # The run whose task asked for this one; it may be deleted before its children.
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="children",
        db_constraint=False,
        db_index=False,
    )
    # What Celery's canvas needs to go on after an ad-hoc call: links, chain, chord, group.
    canvas = models.JSONField(null=True, blank=True)
    # Whether args, kwargs and canvas are whole, so that the ledger can send the message again.
    is_whole = models.BooleanField(default=True, db_default=True)
    # At most so many runs of one key are under way; the slot is held from publishing to the end.
    concurrency_key = models.CharField(max_length=200, default="", db_default="", blank=True)
    concurrency_slot = models.PositiveSmallIntegerField(null=True, blank=True)
    # {"done": 40, "total": 100, "text": "rows"}: what the task has reported last.
    progress = models.JSONField(null=True, blank=True)
    # Somebody asked a running task to end; a long one looks for it.
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)

    class Meta:
        permissions = (
            ("retry_run", "Can start a run again"),
            ("cancel_run", "Can cancel a run"),
        )
        constraints = (
            # Identity: however many beats claim an occurrence, it has one row.
            models.UniqueConstraint(
                fields=["schedule", "due_at", "kind"],
                condition=models.Q(kind__in=[Kind.SCHEDULED, Kind.BACKFILL]),
                name="run_identity",
            ),
            # The backstop of overlap: of a schedule that allows none, one run is under way.
            models.UniqueConstraint(
                fields=["schedule"],
                condition=models.Q(state__in=[State.QUEUED, State.RUNNING])
                & ~models.Q(overlap=Overlap.ALLOW),
                name="run_no_overlap",
            ),
            # The backstop of concurrency keys: each slot is held by one run.
            models.UniqueConstraint(
                fields=["concurrency_key", "concurrency_slot"],
                condition=models.Q(
                    state__in=[State.PENDING, State.QUEUED, State.RUNNING],
                    concurrency_slot__isnull=False,
                ),
                name="run_concurrency",
            ),
        )
        indexes = (
            # Publish: what waits to be handed to the broker, the longest waiting first.
            models.Index(
                fields=["publish_at"],
                condition=models.Q(state=State.PENDING),
                name="run_to_publish",
            ),
            # Limits: the keys of which runs wait for a slot, and each key's first one.
            models.Index(
                fields=["concurrency_key", "publish_at"],
                condition=models.Q(state=State.PENDING, reason=WAITS_FOR_SLOT),
                name="run_waits_for_slot",
            ),
            # Rescue: what the broker or a worker has had for longest.
            models.Index(
                fields=["queued_at"],
                condition=models.Q(state=State.QUEUED),
                name="run_in_broker",
            ),
            # Rescue: what a silent worker has.
            models.Index(
                fields=["worker_id"],
                condition=models.Q(state=State.RUNNING),
                name="run_at_worker",
            ),
            # The page of a run: its children.
            models.Index(
                fields=["parent"],
                condition=models.Q(parent__isnull=False),
                name="run_children",
            ),
            # The history page: newest first, read by keyset.
            models.Index(fields=["-due_at", "-id"], name="run_history"),
            # The history page filtered by the state of what has ended; the few under way are in
            # the indexes above. Queries have to say so: see `filters.of_states`.
            models.Index(
                fields=["state", "-due_at", "-id"],
                condition=models.Q(finished_at__isnull=False),
                name="run_ended_by_state",
            ),
            # A schedule's last runs, and SET NULL when a schedule is deleted.
            models.Index(fields=["schedule", "-due_at"], name="run_by_schedule"),
            # Retention: what finished longest ago.
            models.Index(
                fields=["finished_at"],
                condition=models.Q(finished_at__isnull=False),
                name="run_ended",
            ),
            # SET NULL when a person is deleted; few runs were asked for by somebody.
            models.Index(
                fields=["asked_by"],
                condition=models.Q(asked_by__isnull=False),
                name="run_asked_by",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} at {self.due_at:%Y-%m-%d %H:%M:%S}"

    def get_absolute_url(self) -> str:
        """Return the address of the run's page."""
        return reverse("runs:run", args=[self.id])

    @property
    def title(self) -> str:
        """Return the schedule's name, or the task's for a run without a schedule."""
        return self.schedule_name or self.task

    @property
    def is_rehearsal(self) -> bool:
        """Return whether it leaves nothing behind: a rehearsal, or a run that one asked for."""
        return HEADER in (self.headers or {})

    @property
    def duration(self) -> timedelta | None:
        """Return how long the last attempt took, or None while it is not over."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at
