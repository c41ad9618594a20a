"""Redis is killed under workers of the site: all runs end once, whatever its data are then.

The evidence lies in another Redis, which goes on.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import redis
from celery import Celery
from kombu import Connection

from jobs.runs.models import Attempt, Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer, find_executable
from tests.faults.beats import Beats, wait_for_beats
from tests.faults.witness_tasks import executions, witness, witness_late
from tests.faults.workers import TASKS, Workers, add_runs, wait_until_all_end, wait_until_running
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
EARLY, LATE = "tests.witness", "tests.witness_late"
IMPATIENT = ("-I", f"{TASKS},tests.faults.impatient")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield the broker, which no other test shares; it comes back with its data."""
    with RedisServer(tmp_path / "redis", find_executable()) as server:
        yield server


@pytest.fixture
def workers(broker: RedisServer, own_redis: RedisServer, tmp_path: Path) -> Iterator[Workers]:
    """Yield no worker yet, beside one beat; the evidence is in `broker`."""
    variables = {"CELERY_BROKER_URL": own_redis.url}
    with (
        Workers(broker.url, tmp_path, **variables) as workers,
        Beats(1, broker.url, tmp_path, **variables),
    ):
        wait_for_beats(1)
        yield workers


def call_through_redis(server: RedisServer, countdown_seconds: float) -> UUID:
    """Call a task as a program without a ledger does; a worker keeps it until its time."""
    run_id = uuid4()
    with Connection(server.url) as connection:
        Celery(set_as_current=False).send_task(
            LATE,
            (0.1,),
            task_id=str(run_id),
            countdown=countdown_seconds,
            connection=connection,
            queue="default",
            ignore_result=True,
        )
    return run_id


def unacknowledged(server: RedisServer) -> int:
    """Return the number of messages that Redis believes to be in a worker's hands."""
    with redis.Redis.from_url(server.url) as client:
        return int(client.hlen("unacked"))


def assert_each_was_executed_once(evidence_url: str) -> None:
    """Compare the ledger with what the tasks have witnessed, run by run."""
    ends = {str(run.id): (run.state, run.attempt) for run in Run.objects.all()}
    assert ends == dict.fromkeys(ends, (State.SUCCEEDED, 1))
    evidence = executions(evidence_url)
    done = {run_id: [one.is_done for one in each] for run_id, each in evidence.items()}
    assert done == {run_id: [True] for run_id in ends}
    assert not Attempt.objects.exists()


def make_busy() -> None:
    """Let the worker be at work on two runs, and let others wait in the queue and in the ledger."""
    add_runs([4.0], task=LATE)
    add_runs([4.0], task=EARLY)
    wait_until_running(2)
    add_runs([0.1] * 6, task=LATE)
    add_runs([0.1] * 6, task=EARLY)
    for task in (witness, witness_late):
        task.apply_async((0.1,), countdown=5)
    wait_until(lambda: Run.objects.filter(state=State.QUEUED).count() == 12, "12 to be queued")


def test_a_redis_that_is_killed_and_keeps_its_data_loses_and_doubles_nothing(
    broker: RedisServer, own_redis: RedisServer, workers: Workers
) -> None:
    worker = workers.ready(*IMPATIENT)
    held = call_through_redis(own_redis, countdown_seconds=3)
    wait_until(lambda: unacknowledged(own_redis) == 1, "the worker to hold the call")
    make_busy()
    own_redis.kill()
    worker.wait_for_log("Connection to broker lost")
    own_redis.start()
    wait_until(lambda: Run.objects.filter(id=held).exists(), "the call to be given out again")
    assert wait_until_all_end() == {State.SUCCEEDED: 17}
    assert worker.process.poll() is None
    assert_each_was_executed_once(broker.url)


def test_a_redis_that_comes_back_empty_loses_and_doubles_nothing(
    broker: RedisServer, own_redis: RedisServer, workers: Workers, tmp_path: Path
) -> None:
    worker = workers.ready()
    make_busy()
    own_redis.kill()
    worker.wait_for_log("Connection to broker lost")
    with RedisServer(tmp_path / "empty", find_executable(), own_redis.port):
        assert wait_until_all_end() == {State.SUCCEEDED: 16}
        assert worker.process.poll() is None
        assert_each_was_executed_once(broker.url)
        worker.stop()


def test_a_redis_that_comes_back_with_older_data_gives_out_nothing_twice(
    broker: RedisServer, own_redis: RedisServer, workers: Workers, tmp_path: Path
) -> None:
    runs = [*add_runs([0.1] * 3, task=EARLY), *add_runs([0.1] * 3, task=LATE)]
    wait_until(lambda: Run.objects.filter(state=State.QUEUED).count() == 6, "all to be queued")
    shutil.copytree(own_redis.directory, tmp_path / "older")
    worker = workers.ready()
    wait_until_all_end()
    own_redis.kill()
    worker.wait_for_log("Connection to broker lost")
    said_before = len(workers.logs())
    with RedisServer(tmp_path / "older", find_executable(), own_redis.port):
        for run_id in runs:
            wait_until(
                lambda said=f"another has it attempt=1 run={run_id}": (  # type: ignore[misc]
                    said in workers.logs()[said_before:]
                ),
                "every run to be refused",
            )
        assert worker.process.poll() is None
        worker.stop()
    assert_each_was_executed_once(broker.url)
