"""Runs in the ledger that wait to be published, and what the broker then holds."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import redis
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.runs.models import Run
from jobs.runs.states import Kind, Overlap
from scheduler_site.development.redis_server import RedisServer

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
BEAT = "beat@one"


def make_schedule(name: str = "Weather") -> PeriodicTask:
    """Return a schedule of the database."""
    every_minute, _ = IntervalSchedule.objects.get_or_create(every=1, period="minutes")
    schedule: PeriodicTask = PeriodicTask.objects.create(
        name=name, task="tests.add", interval=every_minute
    )
    return schedule


def make_run(minutes_late: float = 0, **values: Any) -> Run:
    """Return a pending run that was due so long before NOW."""
    due_at = NOW - timedelta(minutes=minutes_late)
    schedule = values.get("schedule")
    defaults = {
        "id": uuid4(),
        "schedule_name": schedule.name if schedule else "",
        "task": "tests.add",
        "kind": Kind.SCHEDULED,
        "due_at": due_at,
        "publish_at": due_at,
        "overlap": Overlap.SKIP if schedule else Overlap.ALLOW,
    }
    return Run.objects.create(**(defaults | values))


def states() -> list[str]:
    """Return the states of all runs, the one due first in front."""
    return list(Run.objects.order_by("due_at").values_list("state", flat=True))


def messages(broker: RedisServer, queue: str = "default") -> list[dict[str, Any]]:
    """Return the messages of a queue, the oldest first, with their bodies decoded."""
    with redis.Redis.from_url(broker.url) as client:
        found = [json.loads(text) for text in reversed(client.lrange(queue, 0, -1))]
    for message in found:
        message["body"] = json.loads(base64.b64decode(message["body"]))
    return found


def sent_ids(broker: RedisServer, queue: str = "default") -> list[str]:
    """Return the run ids of a queue's messages, the oldest first."""
    return [message["headers"]["id"] for message in messages(broker, queue)]
