"""What capturing a task's log and reporting its progress cost, beside the same task without.

Each body is executed RUNS times as an attempt of a run of its own, and as often outside of one.
What it says goes to the null device in both cases. Both databases are durable, as in production.
"""

import logging
import os
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from benchmarks.figures import print_heading, print_row
from benchmarks.stage import say
from jobs.runs.current import is_cancelled, report_progress
from jobs.runs.models import Run
from jobs.runs.states import State
from jobs.runs.worker.output import capturing

RUNS = 500
LINES = 100

logger = logging.getLogger("benchmarks.task")


def nothing() -> None:
    """Do nothing."""


def one_line() -> None:
    """Print a line."""
    print("one row of many was written")


def many_lines() -> None:
    """Print many lines."""
    for _ in range(LINES):
        print("one row of many was written")


def many_records() -> None:
    """Log many lines."""
    for number in range(LINES):
        logger.warning("row %s was written", number)


def one_report() -> None:
    """Report progress."""
    report_progress(1, LINES, "rows")


def many_reports() -> None:
    """Report progress many times."""
    for number in range(LINES):
        report_progress(number, LINES, "rows")


def many_questions() -> None:
    """Ask many times whether to stop."""
    for _ in range(LINES):
        is_cancelled()


BODIES: dict[str, Callable[[], None]] = {
    "says nothing": nothing,
    "prints a line": one_line,
    f"prints {LINES} lines": many_lines,
    f"logs {LINES} lines": many_records,
    "reports progress once": one_report,
    f"reports progress {LINES} times": many_reports,
    f"asks {LINES} times whether to stop": many_questions,
}


def measure(database: str, _options: Namespace) -> None:
    """Print a line for each body."""
    say(f"What a task gets: {RUNS:,} runs of each kind on {database}")
    print_heading(f"a task that ... ({database})", "|without", "|captured", "|more per run")
    for name, body in BODIES.items():
        runs = running_runs(RUNS)
        with to_the_null_device():
            without = seconds_of(body)
            captured = seconds_of(*[attempt_of(run, body) for run in runs])
        more = captured / RUNS - without / RUNS
        print_row(name, per_run(without), per_run(captured), f"{more * 1000:.3f} ms")


def running_runs(count: int) -> list[Run]:
    """Return so many runs in their first attempt."""
    now = datetime.now(UTC)
    runs = [
        Run(id=uuid4(), task="benchmarks.task", state=State.RUNNING, due_at=now, publish_at=now)
        for _ in range(count)
    ]
    return Run.objects.bulk_create(runs)


def attempt_of(run: Run, body: Callable[[], None]) -> Callable[[], None]:
    """Return the body as an attempt of the run."""

    def execute() -> None:
        capturing.begin(run.id, 1)
        body()
        capturing.end()

    return execute


def seconds_of(*bodies: Callable[[], None]) -> float:
    """Return how long the bodies take one after the other; a single one is repeated RUNS times."""
    began_at = time.perf_counter()
    for body in bodies if len(bodies) > 1 else bodies * RUNS:
        body()
    return time.perf_counter() - began_at


@contextmanager
def to_the_null_device() -> Iterator[None]:
    """Send there what is printed and logged."""
    root = logging.getLogger()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        handler = logging.StreamHandler(nowhere)
        handlers, root.handlers = root.handlers, [handler]
        try:
            yield
        finally:
            root.handlers = handlers


def per_run(seconds: float) -> str:
    """Return the cell of a time that RUNS runs took."""
    return f"{seconds / RUNS * 1000:.3f} ms"
