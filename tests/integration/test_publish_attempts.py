"""Attempts: a run is tried again as its policy says, each attempt is claimed once."""

from pathlib import Path

import pytest

from beat.publish.publishing import publish
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import BEAT, NOW, make_run, messages
from tests.servers.celery_processes import celery_worker
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_beat_sends_twice_a_worker_executes_once_with_its_due_instant(
    broker: RedisServer, tmp_path: Path
) -> None:
    run = make_run(task="cleanup.run", kwargs={"dry_run": True})
    for _ in range(2):
        Run.objects.update(state=State.PENDING)
        assert publish(app, NOW, 10, BEAT) == 1
    assert len(messages(broker)) == 2
    log = tmp_path / "worker.log"
    with celery_worker(broker.url, log) as worker:
        worker.wait_for_log("run not started: another has it")
        wait_until(
            lambda: Run.objects.filter(id=run.id, state=State.SUCCEEDED).exists(),
            "the run to succeed",
        )
    assert log.read_text().count("run started") == 1
    run.refresh_from_db()
    assert (run.kind, run.due_at, run.attempt) == (Kind.SCHEDULED, NOW, 1)
    assert Run.objects.count() == 1
