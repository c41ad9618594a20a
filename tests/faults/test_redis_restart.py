"""A worker that is at work while Redis is killed and started again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from scheduler_site.development.redis_server import RedisServer, find_executable
from tests.faults.diary_worker import DiaryWorker
from tests.waiting import wait_until


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield a Redis that no other test shares; it comes back with its data."""
    with RedisServer(tmp_path / "redis", find_executable()) as server:
        yield server


@contextmanager
def working(tmp_path: Path, own_redis: RedisServer) -> Iterator[DiaryWorker]:
    """Yield a worker that has already worked off a first task."""
    directory = tmp_path / "diary"
    directory.mkdir()
    worker = DiaryWorker(directory, own_redis.url)
    try:
        worker.send("diary.write", "first")
        worker.wait_for("first")
        yield worker
    finally:
        worker.end()


def kill_and_start_again(own_redis: RedisServer, worker: DiaryWorker, times_lost: int = 1) -> None:
    """Kill Redis, and start it again once the worker has noticed."""
    own_redis.kill()
    worker.wait_for_log("Connection to broker lost", times_lost)
    own_redis.start()


def unacknowledged(own_redis: RedisServer) -> int:
    """Return the number of messages that Redis believes to be in a worker's hands."""
    with redis.Redis.from_url(own_redis.url) as client:
        return int(client.hlen("unacked"))


@pytest.mark.parametrize("task", ["diary.hold_late", "diary.hold_early"])
def test_a_busy_worker_goes_on_after_a_restart_of_redis(
    tmp_path: Path, own_redis: RedisServer, task: str
) -> None:
    with working(tmp_path, own_redis) as worker:
        worker.send(task, "long")
        worker.wait_for("long-started")
        kill_and_start_again(own_redis, worker)
        worker.send("diary.write", "second")
        worker.wait_for("second")
        worker.release()
        worker.wait_for("long-finished")
        wait_until(lambda: unacknowledged(own_redis) == 0, "the end of the long task to be noted")
        assert worker.ends_well()
        assert len(worker.lines("long-started")) == 1


def test_a_worker_with_both_hands_full_goes_on_after_a_restart_of_redis(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    with working(tmp_path, own_redis) as worker:
        for name in ("one", "two"):
            worker.send("diary.hold_late", name)
            worker.wait_for(f"{name}-started")
        kill_and_start_again(own_redis, worker)
        worker.send("diary.write", "second")
        worker.release()
        for name in ("one-finished", "two-finished", "second"):
            worker.wait_for(name)
        wait_until(lambda: unacknowledged(own_redis) == 0, "all messages to be acknowledged")


def test_an_idle_worker_goes_on_after_a_restart_of_redis(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    with working(tmp_path, own_redis) as worker:
        kill_and_start_again(own_redis, worker)
        worker.send("diary.write", "second")
        worker.wait_for("second")
        assert worker.ends_well()


def test_two_restarts_in_a_row_end_no_worker(tmp_path: Path, own_redis: RedisServer) -> None:
    with working(tmp_path, own_redis) as worker:
        worker.send("diary.hold_late", "long")
        worker.wait_for("long-started")
        for times_lost in (1, 2):
            kill_and_start_again(own_redis, worker, times_lost)
            worker.send("diary.write", f"after-{times_lost}")
            worker.wait_for(f"after-{times_lost}")
        worker.release()
        worker.wait_for("long-finished")
        assert worker.ends_well()


def test_a_redis_that_stays_away_for_a_while_ends_no_worker(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    with working(tmp_path, own_redis) as worker:
        worker.send("diary.hold_late", "long")
        worker.wait_for("long-started")
        own_redis.kill()
        worker.wait_for_log("Trying again in 4.00 seconds")  # the second attempt has failed
        worker.release()
        worker.wait_for("long-finished")
        own_redis.start()
        worker.send("diary.write", "second")
        worker.wait_for("second")
        assert worker.ends_well()


def test_a_redis_that_comes_back_empty_ends_no_worker(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    with working(tmp_path, own_redis) as worker:
        worker.send("diary.hold_late", "long")
        worker.wait_for("long-started")
        own_redis.kill()
        worker.wait_for_log("Connection to broker lost")
        with RedisServer(tmp_path / "empty", find_executable(), own_redis.port):
            worker.send("diary.write", "second")
            worker.wait_for("second")
            worker.release()
            worker.wait_for("long-finished")
            assert worker.ends_well()


def test_a_message_held_for_later_ends_no_worker(tmp_path: Path, own_redis: RedisServer) -> None:
    with working(tmp_path, own_redis) as worker:
        worker.send("diary.hold_late", "later", eta=datetime.now(UTC) + timedelta(hours=1))
        wait_until(lambda: unacknowledged(own_redis) == 1, "the worker to hold the message")
        kill_and_start_again(own_redis, worker)
        worker.send("diary.write", "second")
        worker.wait_for("second")
        assert worker.ends_well()
