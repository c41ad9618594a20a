"""The heartbeat of a worker: what it writes, and what it does when its life is over."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from jobs.runs.models import Worker
from jobs.runs.worker.liveness.fence import Fence
from jobs.runs.worker.liveness.heartbeat import Heartbeat
from jobs.runs.worker.liveness.own_row import OwnRow
from jobs.runs.worker.liveness.shutdown import Shutdown
from jobs.runs.worker.liveness.signs import Signs
from scheduler_site.celery import app
from tests.integration.held_runs import LEASE

pytestmark = pytest.mark.django_db


class Executions:
    """Stands for a pool; counts how often it was ended by force."""

    are_processes = True
    are_under_way = False

    def __init__(self) -> None:
        self.killed = 0

    def kill(self) -> None:
        self.killed += 1


class Heart:
    """A heartbeat that beats when it is told to."""

    def __init__(self) -> None:
        self.signs = Signs()
        self.fence = Fence(self.signs, LEASE.total_seconds())
        self.executions = cast("Any", Executions())
        controller = SimpleNamespace(
            hostname="celery@one", app=app, concurrency=2, max_concurrency=None, pool=None
        )
        self.row = OwnRow(controller, self.signs)
        self.shutdown = Shutdown(self.executions, grace_seconds=30)
        self.heartbeat = Heartbeat(self.row, self.fence, self.shutdown, self.executions)

    def beat(self) -> None:
        self.heartbeat.beat()


def test_the_first_beat_makes_the_row_and_opens_the_fence() -> None:
    heart = Heart()
    assert not heart.fence.is_open()
    heart.beat()
    row = Worker.objects.get()
    assert (row.id, row.name, row.concurrency) == (heart.signs.worker_id, "celery@one", 2)
    assert row.queues == ["default", "heavy", "mail"]
    assert heart.fence.is_open()
    assert heart.executions.killed == 0


def test_the_next_beats_write_into_the_same_row() -> None:
    heart = Heart()
    heart.beat()
    first = Worker.objects.get()
    heart.shutdown.ask()
    heart.beat()
    row = Worker.objects.get()
    assert row.heartbeat_at > first.heartbeat_at
    assert row.stopping_at == heart.shutdown.asked_at
    assert row.memory_bytes > 1_000_000


def test_a_worker_whose_life_was_ended_ends_what_it_executes_and_begins_anew() -> None:
    heart = Heart()
    heart.beat()
    Worker.objects.update(stopped_at=timezone.now())
    heart.beat()
    assert heart.executions.killed == 1
    assert Worker.objects.count() == 2
    assert Worker.objects.get(stopped_at=None).id == heart.signs.worker_id


def test_a_worker_whose_fence_has_closed_ends_its_former_life_itself() -> None:
    heart = Heart()
    heart.beat()
    former = heart.signs.worker_id
    heart.signs.heart_beat(0.0)
    heart.beat()
    assert heart.executions.killed == 1
    assert Worker.objects.get(id=former).stopped_at is not None
    assert heart.signs.worker_id != former
    assert heart.fence.is_open()


def test_while_a_new_life_cannot_be_written_the_fence_stays_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heart = Heart()
    heart.beat()
    Worker.objects.all().delete()
    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(OwnRow, "insert", _raise_away)
        heart.beat()
    assert not heart.fence.is_open()
    heart.beat()
    assert heart.fence.is_open()
    assert Worker.objects.get().id == heart.signs.worker_id


def test_an_outage_is_told_of_once_and_its_end_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heart = Heart()
    heart.beat()
    # The connection is the test's own, and not to be closed.
    for place in ("liveness.heartbeat", "database.forking"):
        kept = SimpleNamespace(close=int, vendor="of the test")
        monkeypatch.setattr(f"jobs.runs.worker.{place}.connection", kept)
    with monkeypatch.context() as patch:
        patch.setattr(OwnRow, "beat", _raise_away)
        heart.heartbeat._beat_or_tell()
        heart.heartbeat._beat_or_tell()
    heart.heartbeat._beat_or_tell()
    told = [record.getMessage() for record in caplog.records]
    assert [text.count("no heartbeat") for text in told].count(1) == 1
    assert [text.count("beats again") for text in told].count(1) == 1


def test_the_end_is_written_once() -> None:
    heart = Heart()
    heart.beat()
    heart.row.end(heart.signs.worker_id)
    ended_at = Worker.objects.get().stopped_at
    heart.row.end(heart.signs.worker_id)
    assert Worker.objects.get().stopped_at == ended_at
    heart.row.end(uuid4())


def _raise_away(*_: object) -> bool:
    raise OperationalError("the database is away")
