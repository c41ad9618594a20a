"""Servers of a measurement's own, and a process for it, since Django reads its settings once.

The process is this same command again with the servers in its environment. It has a session of its
own: a Ctrl-C reaches the parent only, which ends the process in order, then the servers.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from scheduler_site.development.redis_server import RedisServer, find_executable
from tests.servers.postgres import PostgresServer

MEASURED = "BENCHMARK_DATABASE"
POSTGRESQL, SQLITE = "PostgreSQL", "SQLite"
DATABASES = (POSTGRESQL, SQLITE)


def measured_database() -> str | None:
    """Return the name of the database that this process measures, None in the parent."""
    return os.environ.get(MEASURED)


def measure_on(database: str) -> None:
    """Run this command again with servers of its own; both durable, as in production."""
    with tempfile.TemporaryDirectory(prefix="punctual-benchmark-") as name:
        folder = Path(name)
        with (
            _database_url(database, folder) as database_url,
            RedisServer(folder / "redis", find_executable()) as redis,
        ):
            variables = _variables(database, database_url, redis.url, folder)
            _run([sys.executable, "-m", "benchmarks", *sys.argv[1:]], variables)


def prepare_django() -> None:
    """Load Django and make the tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def end_in_order_when_terminated() -> None:
    """Make a SIGTERM leave every `with` block, so that no process stays behind."""
    signal.signal(signal.SIGTERM, _leave)


def say(text: str) -> None:
    """Tell the person who waits what is being done."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _database_url(database: str, folder: Path) -> Iterator[str]:
    if database == SQLITE:
        yield f"sqlite:///{folder}/punctual.sqlite3"
        return
    with PostgresServer(durable=True) as server:
        yield server.url


def _variables(database: str, database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """Return a production's environment: with DEBUG on Django remembers every query."""
    return {
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "localhost",
        "TIME_ZONE": "UTC",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CELERY_BROKER_URL": "",
        "CELERY_RESULT_BACKEND": "",
        "VAR_DIR": str(folder),
        MEASURED: database,
    }


def _run(command: list[str], variables: dict[str, str]) -> None:
    process = subprocess.Popen(command, env=os.environ | variables, start_new_session=True)
    try:
        returned = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if returned:
        raise SystemExit(returned)


def _leave(number: int, _frame: FrameType | None) -> None:
    # Once is enough: a second one must not interrupt the leaving.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)
