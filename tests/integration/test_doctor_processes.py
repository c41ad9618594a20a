"""Doctor sees the workers and beats that are there, and only those.

On SQLite alone: doctor asks the broker for them, not the database.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from celery import Celery

from scheduler_site.celery import app
from scheduler_site.development.ports import free_port
from scheduler_site.development.redis_server import RedisServer
from scheduler_site.doctor.findings import Finding, Level
from scheduler_site.doctor.processes import ONE_BEAT_ONLY, beat_finding, processes_findings
from tests.servers.celery_processes import CeleryProcess, celery_worker, process_environment
from tests.waiting import wait_until

pytestmark = pytest.mark.one_database("sqlite")


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """Yield a stack that stops what is put on it."""
    with ExitStack() as stack:
        yield stack


def levels(findings: list[Finding]) -> list[Level]:
    """Return the levels of the findings, in their order: workers, then beat."""
    return [finding.level for finding in findings]


def test_nobody_there_is_two_warnings(broker: RedisServer) -> None:
    findings = processes_findings(app)
    assert levels(findings) == [Level.WARNING, Level.WARNING]
    assert "celery -A scheduler_site worker" in findings[0].advice
    assert "celery -A scheduler_site beat" in findings[1].advice


def test_a_broker_that_is_away_is_one_warning() -> None:
    nowhere = Celery(broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    (found,) = processes_findings(nowhere)
    assert found.level == Level.WARNING
    assert "while the broker is away" in found.sentence


@pytest.mark.django_db(transaction=True)
def test_a_worker_and_a_beat_are_seen(
    broker: RedisServer, running: ExitStack, tmp_path: Path
) -> None:
    environment = process_environment(broker.url)
    beat = CeleryProcess(["beat", "--enable-remote-control"], tmp_path / "beat", environment)
    running.callback(beat.stop)
    running.enter_context(celery_worker(broker.url, tmp_path / "worker"))
    wait_until(lambda: levels(processes_findings(app)) == [Level.OK, Level.OK], "both to answer")
    workers, beats = processes_findings(app)
    assert "1 worker: celery@" in workers.sentence
    assert "1 beat: celerybeat@" in beats.sentence


def test_two_beats_that_plan_in_memory_are_a_problem() -> None:
    found = beat_finding(["celerybeat@one", "celerybeat@two"], ONE_BEAT_ONLY)
    assert found.level == Level.PROBLEM
    assert "celerybeat@one, celerybeat@two" in found.sentence


def test_two_beats_of_another_scheduler_are_in_order() -> None:
    found = beat_finding(["celerybeat@one", "celerybeat@two"], "beat.scheduler:Scheduler")
    assert found.level == Level.OK
