"""A run that this thread executes, as a worker's task does, for tests of what a task gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from jobs.runs.models import Run, RunLog
from jobs.runs.states import State
from jobs.runs.worker.output import capturing

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def running_run(**changes: Any) -> Run:
    """Return a new run in its first attempt."""
    values = {"id": uuid4(), "task": "tests.task", "state": State.RUNNING, "due_at": NOW}
    values |= {"publish_at": NOW, "started_at": NOW, "worker": "celery@here"}
    return Run.objects.create(**{**values, **changes})


@contextmanager
def executing(run: Run | None = None) -> Iterator[Run]:
    """Execute what is in the block as the current attempt of the run."""
    run = run or running_run()
    capturing.begin(run.id, run.attempt)
    try:
        yield run
    finally:
        capturing.end()


def log_of(run: Run) -> str:
    """Return what is kept of what the run said, "" when there is no row."""
    return RunLog.objects.filter(run=run).values_list("text", flat=True).first() or ""
