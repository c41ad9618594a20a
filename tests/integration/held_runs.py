"""Workers in the ledger, and the runs that they have."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from jobs.runs.models import Run, Worker
from jobs.runs.states import State
from tests.integration.outgoing_runs import NOW, make_run

LEASE = timedelta(seconds=30)


def make_worker(heartbeat_at: datetime = NOW, **values: Any) -> Worker:
    """Return a worker that began an hour before NOW."""
    defaults = {
        "id": uuid4(),
        "name": "celery@one",
        "host": "one",
        "pid": 7,
        "concurrency": 2,
        "version": "1",
        "started_at": NOW - timedelta(hours=1),
        "heartbeat_at": heartbeat_at,
        "pool_seen_at": heartbeat_at,
    }
    return Worker.objects.create(**(defaults | values))


def make_held_run(worker_id: UUID | None, **values: Any) -> Run:
    """Return a run that the worker has begun a minute before NOW."""
    began_at = NOW - timedelta(minutes=1)
    defaults: dict[str, Any] = {
        "state": State.RUNNING,
        "started_at": began_at,
        "queued_at": began_at,
    }
    held: dict[str, Any] = {
        "worker_id": worker_id,
        "worker": "celery@one",
        "published_by": "beat@one",
    }
    return make_run(**(defaults | held | values))
