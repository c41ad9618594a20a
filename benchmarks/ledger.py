"""What the ledger costs: recording, starting and ending a run, one after the other.

Both databases are durable, as in production.
"""

import time
from argparse import Namespace
from datetime import UTC, datetime
from uuid import uuid4

from benchmarks.figures import print_heading, print_row
from benchmarks.stage import say
from jobs.runs import transitions
from jobs.runs.starting import record_and_start

RUNS = 2000


def measure(database: str, _options: Namespace) -> None:
    """Print the line of one database."""
    say(f"The ledger: {RUNS:,} runs on {database}")
    print_heading("database", "|runs per second", "|per run")
    began_at = time.perf_counter()
    live_through(RUNS)
    seconds = time.perf_counter() - began_at
    print_row(database, f"{RUNS / seconds:,.0f}", f"{seconds / RUNS * 1000:.2f} ms")


def live_through(count: int) -> None:
    """Record, start and end `count` runs as a worker does."""
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
        if not record_and_start(message, now):
            raise RuntimeError("a run could not be started")
        if not transitions.succeed(message.run_id, 1, None, now):
            raise RuntimeError("a run could not be ended")
