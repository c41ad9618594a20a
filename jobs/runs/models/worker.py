"""Workers, as they tell of themselves."""

from datetime import datetime, timedelta

from django.db import models


class Worker(models.Model):
    """One life of one worker process: it writes so itself, from a thread of its own.

    A worker that is started again is a new row, so that nobody takes it for the one that died.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    # As Celery calls it: "celery@host".
    name = models.CharField(max_length=255)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    queues = models.JSONField(default=list)
    # The names of the tasks that it knows, Celery's own left out.
    tasks = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    concurrency = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    # The last instant at which its pool is known to have shown a sign of life.
    pool_seen_at = models.DateTimeField()
    running_count = models.PositiveIntegerField(default=0)
    memory_bytes = models.PositiveBigIntegerField(default=0)
    # It was asked to stop, and takes no more work.
    stopping_at = models.DateTimeField(null=True, blank=True)
    # It has ended, cleanly (by itself) or because it was silent (by rescue).
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            # Rescue and the page of workers: those that have not ended, the silent ones first.
            models.Index(
                fields=["heartbeat_at"],
                condition=models.Q(stopped_at__isnull=True),
                name="worker_alive",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_silent(self, now: datetime, lease: timedelta) -> bool:
        """Return whether nothing was heard of it for longer than the lease."""
        return self.stopped_at is None and now - self.heartbeat_at > lease
