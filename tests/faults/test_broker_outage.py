"""Redis goes away under a beat that publishes and a worker that works: nothing lost or twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from beat.publish.broker import BrokerAwayError
from beat.publish.publishing import publish
from beat.publish.rescue import rescue
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer, find_executable
from tests.faults.counted_tasks import FILE_VARIABLE, executions
from tests.integration.outgoing_runs import make_run
from tests.servers.celery_processes import CeleryProcess, process_environment
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

RUNS_PER_TICK = 3
RESCUE_EVERY = timedelta(seconds=1)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield a Redis that no other test shares; it comes back with its data."""
    with RedisServer(tmp_path / "redis", find_executable()) as server:
        yield server


@pytest.fixture
def executed(tmp_path: Path, own_redis: RedisServer) -> Iterator[Callable[[], Counter[str]]]:
    """Yield what counts the executions of a worker that works on `own_redis`."""
    file = tmp_path / "executions"
    environment = process_environment(own_redis.url, **{FILE_VARIABLE: str(file)})
    arguments = ["worker", "-c", "2", "-l", "INFO", "-I", "tests.faults.counted_tasks"]
    worker = CeleryProcess(arguments, tmp_path / "worker.log", environment)
    try:
        worker.wait_for_log("ready.")
        yield lambda: executions(file)
    finally:
        worker.kill()


class Beat:
    """What beat does with its broker, one tick at a time, by the real clock."""

    def __init__(self, broker_url: str) -> None:
        self.app = Celery("beat", broker=broker_url, set_as_current=False)
        self.app.conf.task_default_queue = settings.CELERY_TASK_DEFAULT_QUEUE
        self.app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        self.times_away = 0
        self._rescued_at = datetime(2000, 1, 1, tzinfo=UTC)

    def tick(self) -> None:
        """Publish what is due, and rescue now and then."""
        now = datetime.now(UTC)
        try:
            publish(self.app, now, 1000, "beat@test")
            if now - self._rescued_at > RESCUE_EVERY:
                rescue(self.app, now)
                self._rescued_at = now
        except BrokerAwayError:
            self.times_away += 1

    def work_until(self, predicate: Callable[[], object], what_for: str) -> None:
        """Tick, with new runs falling due, until `predicate()` is true."""

        def is_true_after_a_tick() -> bool:
            for _ in range(RUNS_PER_TICK):
                now = datetime.now(UTC)
                make_run(task="tests.be_counted", due_at=now, publish_at=now)
            self.tick()
            return bool(predicate())

        wait_until(is_true_after_a_tick, what_for, timeout_seconds=60)

    def work_until_away(self, times: int) -> None:
        """Tick, with new runs falling due, until the broker was away so many times more."""
        enough = self.times_away + times
        self.work_until(lambda: self.times_away >= enough, "beat to notice that Redis is away")

    def finish(self) -> None:
        """Tick until every run has ended."""

        def all_have_ended() -> bool:
            self.tick()
            return not Run.objects.exclude(state=State.SUCCEEDED).exists()

        wait_until(all_have_ended, "every run to succeed", timeout_seconds=90)


@pytest.fixture
def beat(own_redis: RedisServer) -> Iterator[Beat]:
    """Yield a beat at whose runs the worker is already at work."""
    started = Beat(own_redis.url)
    try:
        yield started
    finally:
        started.app.close()


def has_succeeded(count: int) -> bool:
    """Tell whether so many runs have succeeded."""
    return Run.objects.filter(state=State.SUCCEEDED).count() >= count


def assert_each_run_was_executed_once(executed: Counter[str]) -> None:
    """Compare the ledger with what was executed, run by run."""
    runs = {str(run.id): (run.state, run.attempt) for run in Run.objects.all()}
    assert executed == dict.fromkeys(runs, 1)
    assert set(runs.values()) == {(State.SUCCEEDED, 1)}


def test_a_redis_that_is_away_for_some_seconds_loses_and_doubles_nothing(
    own_redis: RedisServer, beat: Beat, executed: Callable[[], Counter[str]]
) -> None:
    beat.work_until(lambda: has_succeeded(20), "the worker to be at work")
    own_redis.stop()
    beat.work_until_away(40)
    own_redis.start()
    beat.finish()
    assert_each_run_was_executed_once(executed())


def test_a_redis_that_is_killed_under_load_loses_and_doubles_nothing(
    own_redis: RedisServer, beat: Beat, executed: Callable[[], Counter[str]]
) -> None:
    beat.work_until(lambda: has_succeeded(20), "the worker to be at work")
    for _ in range(2):
        own_redis.kill()
        beat.work_until_away(10)
        own_redis.start()
    beat.finish()
    assert_each_run_was_executed_once(executed())


def test_a_redis_that_comes_back_empty_gets_everything_again(
    tmp_path: Path,
    own_redis: RedisServer,
    beat: Beat,
    executed: Callable[[], Counter[str]],
) -> None:
    beat.work_until(lambda: has_succeeded(20), "the worker to be at work")
    for _ in range(100):
        make_run(task="tests.be_counted", due_at=datetime.now(UTC), publish_at=datetime.now(UTC))
    beat.tick()
    own_redis.kill()
    assert Run.objects.filter(state=State.QUEUED).count() > 10, "too few to be lost"
    with RedisServer(tmp_path / "empty", find_executable(), own_redis.port):
        beat.work_until(lambda: has_succeeded(140), "the worker to be at work again")
        beat.finish()
        assert_each_run_was_executed_once(executed())
