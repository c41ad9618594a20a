"""Workers that are asked to stop (SIGTERM) while they are at work."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import Beats, wait_for_beats
from tests.faults.witness_tasks import executions, overlaps, repeated
from tests.faults.workers import (
    Workers,
    add_runs,
    row_of,
    wait_until_all_end,
    wait_until_running,
)
from tests.servers.celery_processes import CeleryProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# So long that nothing of these tests comes back by the lease.
LEASE = {"WORKER_LEASE_SECONDS": "600"}


@pytest.fixture
def beats(broker: RedisServer, tmp_path: Path) -> Iterator[Beats]:
    """Yield one beat, to which no worker is silent."""
    with Beats(1, broker.url, tmp_path, **LEASE) as beats:
        wait_for_beats(1)
        yield beats


def ask_to_stop(process: CeleryProcess) -> None:
    """Send what a supervisor sends, to the main process alone."""
    process.process.send_signal(signal.SIGTERM)


def wait_for_the_end(process: CeleryProcess) -> int:
    """Return the exit code."""
    wait_until(lambda: process.process.poll() is not None, "the worker to end")
    return process.process.returncode


def test_what_ends_within_the_grace_is_finished(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with Workers(broker.url, tmp_path, **LEASE) as workers:
        worker = workers.ready()
        add_runs([2.0, 2.0])
        wait_until_running(2)
        ask_to_stop(worker)
        wait_until(lambda: row_of(worker).stopping_at, "the worker to say that it stops")
        assert wait_for_the_end(worker) == 0
        assert Run.objects.filter(state=State.SUCCEEDED).count() == 2
        assert row_of(worker).stopped_at is not None
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("pool", ["prefork", "threads", "solo"])
def test_what_goes_on_for_longer_is_handed_back_at_once(
    broker: RedisServer, beats: Beats, tmp_path: Path, pool: str
) -> None:
    with Workers(broker.url, tmp_path, WORKER_GRACE_SECONDS="1", **LEASE) as workers:
        worker = workers.ready("--pool", pool)
        [run_id] = add_runs([30.0], again_seconds=0.5)
        wait_until_running(1)
        workers.ready()
        ask_to_stop(worker)
        assert wait_for_the_end(worker) == 0
        assert wait_until_all_end() == {State.SUCCEEDED: 1}
    run, attempt = Run.objects.get(id=run_id), Attempt.objects.get()
    assert (attempt.outcome, attempt.number, run.attempt) == (Outcome.HANDED_BACK, 1, 2)
    assert run.losses == 0
    assert overlaps(executions(broker.url)) == []


def test_messages_that_were_not_begun_go_back_to_the_queue(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    from scheduler_site.celery import app

    with Workers(broker.url, tmp_path, WORKER_GRACE_SECONDS="20", **LEASE) as workers:
        worker = workers.ready()
        with redis.Redis.from_url(broker.url) as client:
            # What others send for later is kept by the worker until its time.
            app.send_task("tests.witness", (0.1,), countdown=600, connection=app.connection())
            wait_until(lambda: client.hlen("unacked") == 1, "the worker to hold the message")
            add_runs([5.0])
            wait_until_running(1)
            ask_to_stop(worker)
            wait_until(lambda: client.llen("default") == 1, "the message to be back")
            assert Run.objects.filter(state=State.RUNNING).count() == 1
        assert wait_for_the_end(worker) == 0


def test_a_rolling_restart_loses_nothing_and_repeats_nothing_that_finished(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with Workers(broker.url, tmp_path, WORKER_GRACE_SECONDS="2", **LEASE) as workers:
        olds = [workers.ready(), workers.ready()]
        runs = add_runs([random.uniform(0.1, 1.0) for _ in range(40)] + [4.0, 4.0], 0.5)
        wait_until_running(4)
        for old in olds:
            ask_to_stop(old)
            assert wait_for_the_end(old) == 0
            workers.ready()
        assert wait_until_all_end() == {State.SUCCEEDED: len(runs)}
        evidence = executions(broker.url)
    assert len(evidence) == len(runs)
    assert overlaps(evidence) == []
    assert repeated(evidence) == []
    assert set(Attempt.objects.values_list("outcome", flat=True)) <= {Outcome.HANDED_BACK}
