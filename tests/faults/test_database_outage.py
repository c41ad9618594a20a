"""PostgreSQL is away when beats start, and crashes under load: nothing lost, nothing double."""

import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis

from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import Beats
from tests.servers.celery_processes import ROOT, process_environment
from tests.servers.postgres import PostgresServer
from tests.waiting import wait_until

SCHEDULES = 50
ADD_SCHEDULES = f"from tests.faults.beats import add_schedules; add_schedules({SCHEDULES}, 1)"


@pytest.fixture
def postgres(broker: RedisServer) -> Iterator[PostgresServer]:
    """Yield a durable PostgreSQL of this test's own, with the tables and some schedules."""
    with PostgresServer(durable=True) as server:
        environment = process_environment(broker.url, DATABASE_URL=server.url)
        for command in (["migrate", "-v0"], ["shell", "-v0", "-c", ADD_SCHEDULES]):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True
            )
        yield server


def asked(server: PostgresServer, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over a connection of its own."""
    with psycopg.connect(server.url) as link:
        return link.execute(query).fetchall()


def runs_queued(server: PostgresServer) -> int:
    """Return how many runs the broker has accepted."""
    return int(asked(server, "SELECT count(*) FROM runs_run WHERE state = 'queued'")[0][0])


def wait_for_more_runs(server: PostgresServer) -> None:
    """Return when each schedule has been published about twice more."""
    before = runs_queued(server)
    wait_until(lambda: runs_queued(server) >= before + 2 * SCHEDULES, "more runs to be published")


def wait_for_lines(beats: Beats, words: str, count: int) -> None:
    """Return when the beats have said it so often, all together."""
    wait_until(lambda: beats.logs().count(words) == count, f"{count} times {words!r}", 60)


def messages(broker: RedisServer) -> list[str]:
    """Return the ids of the messages in Redis."""
    with Redis.from_url(broker.url) as client:
        return [json.loads(raw)["headers"]["id"] for raw in client.lrange("default", 0, -1)]


def test_beats_outlive_a_database_that_is_away_and_one_that_crashes(
    broker: RedisServer, postgres: PostgresServer, tmp_path: Path
) -> None:
    postgres.stop()
    with Beats(2, broker.url, tmp_path, DATABASE_URL=postgres.url) as beats:
        wait_for_lines(beats, "the database is away", 2)
        postgres.start()
        wait_for_more_runs(postgres)
        postgres.stop(signal.SIGQUIT)
        wait_for_lines(beats, "the database is away", 4)
        postgres.start()
        wait_for_lines(beats, "the database is back", 4)
        wait_for_more_runs(postgres)
        asked(postgres, "UPDATE django_celery_beat_periodictask SET enabled = FALSE RETURNING 1")
        still_due = "SELECT 1 FROM beat_timer WHERE due_at IS NOT NULL OR is_stale"
        wait_until(lambda: not asked(postgres, still_due), "the beats to go by it")
        wait_until(
            lambda: not asked(postgres, "SELECT 1 FROM runs_run WHERE state = 'pending'"),
            "everything to be published",
        )
        assert [beat.process.poll() for beat in beats.processes] == [None, None]
        assert "Traceback" not in beats.logs()
    assert_no_occurrence_is_missing(postgres)
    # A message may be there twice after a crash, since its attempt starts once; none lacks.
    ids = {str(run) for (run,) in asked(postgres, "SELECT id FROM runs_run")}
    assert set(messages(broker)) == ids


def assert_no_occurrence_is_missing(server: PostgresServer) -> None:
    """Assert that the runs of each schedule are one interval apart from first to last."""
    rows = asked(server, "SELECT schedule_id, due_at FROM runs_run ORDER BY schedule_id, due_at")
    by_schedule = {key: list(rows) for key, rows in itertools.groupby(rows, lambda row: row[0])}
    assert len(by_schedule) == SCHEDULES
    for instants in by_schedule.values():
        steps = {later - earlier for (_, earlier), (_, later) in itertools.pairwise(instants)}
        assert steps == {timedelta(seconds=1)}
