"""The row in which a worker tells of itself; see `jobs.runs.models.Worker`."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery.worker import state
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from jobs.runs.models import Worker
from jobs.runs.worker.liveness import pool
from jobs.runs.worker.liveness.signs import Signs, seconds_now


@dataclass(frozen=True)
class OwnRow:
    """Writes the row of one worker; `controller` is Celery's WorkController.

    Heartbeats are written with the clock of the database, by which rescue judges them.
    """

    controller: Any
    signs: Signs

    def insert(self, worker_id: UUID) -> None:
        """Write the row of a new life."""
        controller, now = self.controller, timezone.now()
        Worker(
            id=worker_id,
            name=controller.hostname[:255],
            host=socket.gethostname()[:255],
            pid=os.getpid(),
            queues=sorted(controller.app.amqp.queues.consume_from),
            tasks=sorted(name for name in controller.app.tasks if not name.startswith("celery.")),
            concurrency=controller.max_concurrency or controller.concurrency,
            version=settings.VERSION,
            started_at=now,
            heartbeat_at=Now(),
            pool_seen_at=now,
        ).save(force_insert=True)

    def beat(self, worker_id: UUID, stopping_at: datetime | None) -> bool:
        """Write a heartbeat; return False when somebody has ended this life."""
        alive = Worker.objects.filter(id=worker_id, stopped_at=None)
        changed = alive.update(
            heartbeat_at=Now(),
            pool_seen_at=self._pool_seen_at(),
            running_count=len(state.active_requests),
            memory_bytes=pool.memory_bytes(pool.children(self.controller.pool)),
            queues=sorted(self.controller.app.amqp.queues.consume_from),
            stopping_at=stopping_at,
        )
        return changed == 1

    def end(self, worker_id: UUID) -> None:
        """Write that this life is over."""
        alive = Worker.objects.filter(id=worker_id, stopped_at=None)
        alive.update(stopped_at=Now(), running_count=0)

    def _pool_seen_at(self) -> datetime:
        """Return when the pool last gave a sign; a machine knows no instant, only seconds ago."""
        return timezone.now() - timedelta(seconds=seconds_now() - self.signs.pool_seconds)


def forget_workers(before: datetime, limit: int) -> int:
    """Delete at most `limit` rows of workers that ended before the instant; return how many.

    What runs at them is taken away before, since a worker without a row is one that has ended.
    """
    ended = Worker.objects.filter(stopped_at__lt=before).order_by("stopped_at")
    ids = list(ended.values_list("id", flat=True)[:limit])
    deleted, _ = Worker.objects.filter(id__in=ids).delete()
    return deleted
