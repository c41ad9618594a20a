"""What the ledger costs: recording, starting and ending a run, one after the other.

Run with `python -m benchmarks.ledger`; it measures SQLite in a temporary folder and a PostgreSQL
server of its own. Both are durable, as in production.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from uuid import uuid4

from tests.servers.postgres import PostgresServer

RUNS = 2000
MEASURED = "BENCHMARK_DATABASE"


def main() -> None:
    """Print one line per database; each is measured in a process of its own."""
    if MEASURED in os.environ:
        measure(os.environ[MEASURED])
        return
    print("| database | runs per second | per run |\n| --- | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        measure_in_child("SQLite", f"sqlite:///{folder}/ledger.sqlite3", folder)
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True) as server:
        measure_in_child("PostgreSQL", server.url, folder)


def measure_in_child(name: str, database_url: str, folder: str) -> None:
    """Measure in a fresh process, since Django reads its settings once."""
    variables = {"DEBUG": "1", "DATABASE_URL": database_url, "VAR_DIR": folder, MEASURED: name}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.ledger"], env={**os.environ, **variables}, check=True
    )


def measure(name: str) -> None:
    """Print the line of this process's database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False  # Django keeps every query in memory while it is on.
    call_command("migrate", verbosity=0)
    began_at = time.perf_counter()
    live_through(RUNS)
    seconds = time.perf_counter() - began_at
    print(f"| {name} | {RUNS / seconds:,.0f} | {seconds / RUNS * 1000:.2f} ms |", flush=True)


def live_through(count: int) -> None:
    """Record, start and end `count` runs as a worker does."""
    from jobs.runs import transitions

    for _ in range(count):
        now = datetime.now(UTC)
        message = transitions.Message(
            run_id=uuid4(),
            task="benchmarks.nothing",
            attempt=1,
            schedule_name="",
            args=[],
            kwargs={},
            queue="default",
            worker="benchmark",
        )
        transitions.record(message, now)
        if not transitions.start(message, now):
            raise RuntimeError("a run could not be started")
        if not transitions.succeed(message.run_id, 1, None, now):
            raise RuntimeError("a run could not be ended")


if __name__ == "__main__":
    main()
