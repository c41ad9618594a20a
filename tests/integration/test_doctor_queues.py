"""Doctor says which queues nobody takes from."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.runs.models import Worker
from scheduler_site.development.ports import free_port
from scheduler_site.doctor.findings import Finding, Level
from scheduler_site.doctor.queues import queues_finding, queues_findings
from tests.integration.held_runs import make_worker

pytestmark = pytest.mark.django_db(transaction=True)
OWN = ("default", "mail")


def found(database: Any = None) -> Finding:
    """Return the only finding."""
    [only] = queues_findings(database or connection.settings_dict, OWN, 30)
    return only


def worker_of(*queues: str, **values: Any) -> Worker:
    """Return a worker whose heart has just beaten."""
    return make_worker(timezone.now(), id=uuid4(), queues=list(queues), **values)


def schedule_for(queue: str | None, enabled: bool = True) -> None:
    """Insert a schedule that sends to the queue."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="hours")
    PeriodicTask.objects.create(
        name=f"to {queue}", task="tests.add", interval=interval, queue=queue, enabled=enabled
    )


def test_every_queue_that_is_taken_from_is_in_order() -> None:
    worker_of("mail")
    worker_of("default", "special")
    schedule_for("special")
    schedule_for(None)
    schedule_for("forgotten", enabled=False)
    assert found().level == Level.OK
    assert found().sentence == "Workers take from default, mail, special."


def test_a_queue_of_our_own_and_one_of_a_schedule_that_nobody_takes_from_are_named() -> None:
    worker_of("default")
    schedule_for("heavvy")
    assert found().level == Level.WARNING
    assert "No living worker takes from heavvy, mail:" in found().sentence
    assert "-Q heavvy,mail" in found().advice


@pytest.mark.parametrize(
    "end", [{"stopped_at": True}, {"heartbeat_at": True}], ids=["stopped", "silent"]
)
def test_a_worker_that_has_ended_or_is_silent_takes_nothing(end: dict[str, bool]) -> None:
    worker_of("default")
    gone = worker_of("mail")
    Worker.objects.filter(id=gone.id).update(
        **dict.fromkeys(end, timezone.now() - timedelta(minutes=1))
    )
    assert "takes from mail:" in found().sentence


def test_many_names_are_shortened() -> None:
    many = queues_finding([f"queue-{number}" for number in range(9)], [])
    assert "queue-4 and 4 more" in many.sentence


def test_a_database_that_is_away_is_only_a_warning() -> None:
    away = {
        **settings.DATABASES["default"],
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "nowhere",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "OPTIONS": {},
    }
    assert found(away).level == Level.WARNING
    assert "Mend the database first" in found(away).advice
