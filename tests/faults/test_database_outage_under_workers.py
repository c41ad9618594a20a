"""PostgreSQL is away while a worker executes: what ends meanwhile is written when it is back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import Beats
from tests.faults.test_database_outage import asked
from tests.faults.witness_tasks import executions, overlaps
from tests.faults.workers import Workers
from tests.servers.celery_processes import ROOT, CeleryProcess
from tests.servers.postgres import PostgresServer
from tests.waiting import wait_until

AWAY = "no heartbeat: the database is away"
UNWATCHED = "beat is not watched: the database is away"
FENCED = "no heartbeat of the worker for too long"
LOOKS = "SELECT count(*) FROM alerts_watch WHERE beat_looked_at > 'epoch'"
ADD_RUNS = "from tests.faults.workers import add_runs; add_runs({}, again_seconds=0.2)"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Yield a durable PostgreSQL of this module's own, with the tables; it takes seconds."""
    with PostgresServer(durable=True) as server:
        manage(server, "migrate", "-v0")
        yield server


@pytest.fixture
def postgres(server: PostgresServer) -> PostgresServer:
    """Return the server without runs."""
    with psycopg.connect(server.url) as link:
        link.execute("TRUNCATE runs_run CASCADE")
    return server


def add_runs(server: PostgresServer, seconds: list[float]) -> None:
    """Insert runs that work for so long each."""
    manage(server, "shell", "-v0", "-c", ADD_RUNS.format(seconds))


def manage(server: PostgresServer, *command: str) -> None:
    """Run a command of the site on this database."""
    environment = {**os.environ, "DATABASE_URL": server.url}
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


@contextmanager
def at_work(
    broker: RedisServer, server: PostgresServer, folder: Path, lease_seconds: int
) -> Iterator[CeleryProcess]:
    """Yield a worker that is ready, beside a beat."""
    variables = {
        "DATABASE_URL": server.url,
        "WORKER_LEASE_SECONDS": str(lease_seconds),
        # Workers look after beat every second.
        "BEAT_SILENT_SECONDS": "4",
    }
    with (
        Beats(1, broker.url, folder, **variables),
        Workers(broker.url, folder, **variables) as workers,
    ):
        yield workers.ready()


def states(server: PostgresServer) -> list[tuple[str, int, int]]:
    """Return state, attempt and losses of every run."""
    return asked(server, "SELECT state, attempt, losses FROM runs_run ORDER BY 1, 2, 3")


def wait_for_states(server: PostgresServer, *wanted: str) -> None:
    """Return when the runs are in these states, in the order of the alphabet."""

    def are_there() -> bool:
        present = [state for state, *_ in states(server)]
        assert present == list(wanted)
        return True

    wait_until(are_there, f"{wanted}")


def forget_looks(server: PostgresServer) -> None:
    """Let it be long ago that a worker has looked after beat."""
    with psycopg.connect(server.url) as link:
        link.execute("UPDATE alerts_watch SET beat_looked_at = 'epoch'")


def done(broker: RedisServer) -> int:
    """Return how many executions have come to their end."""
    return sum(one.is_done for each in executions(broker.url).values() for one in each)


def test_what_ends_while_the_database_is_away_is_written_down_and_not_started_again(
    broker: RedisServer, postgres: PostgresServer, tmp_path: Path
) -> None:
    with at_work(broker, postgres, tmp_path, lease_seconds=30) as worker:
        add_runs(postgres, [8.0, 4.0])
        wait_for_states(postgres, "running", "running")
        postgres.stop()
        wait_until(lambda: done(broker) == 1, "one of them to end")
        worker.wait_for_log(AWAY)
        worker.wait_for_log(UNWATCHED)
        postgres.start()
        forget_looks(postgres)
        wait_for_states(postgres, "succeeded", "succeeded")
        wait_until(lambda: asked(postgres, LOOKS) == [(1,)], "the worker to look after beat")
        assert worker.process.poll() is None
    assert states(postgres) == [("succeeded", 1, 0)] * 2
    assert [len(each) for each in executions(broker.url).values()] == [1, 1]


def test_what_its_worker_ended_because_the_database_was_away_for_long_is_started_again_once(
    broker: RedisServer, postgres: PostgresServer, tmp_path: Path
) -> None:
    with at_work(broker, postgres, tmp_path, lease_seconds=4) as worker:
        add_runs(postgres, [60.0])
        wait_for_states(postgres, "running")
        postgres.stop()
        worker.wait_for_log(FENCED)
        postgres.start()
        wait_for_states(postgres, "succeeded")
        assert worker.process.poll() is None
    assert states(postgres) == [("succeeded", 2, 1)]
    evidence = executions(broker.url)
    assert [len(each) for each in evidence.values()] == [2]
    assert overlaps(evidence) == []
