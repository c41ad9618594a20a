"""A rehearsal at a worker: what the task writes into the database is undone at its end.

On PostgreSQL the body runs within a transaction that is rolled back. On SQLite that transaction
would keep everybody else from writing, so that the body works on a copy of the database instead.
The ledger's own writes happen before and after the body, or by a connection of their own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from celery import Task
from celery.app.task import Context
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from jobs.runs.rehearsal import HEADER, Rehearsal, rehearsal_of
from jobs.runs.worker.output.execution import current_execution
from jobs.runs.worker.seam.arriving import header

MOST_COPIED_BYTES = 1_000_000_000

logger = structlog.get_logger(__name__)


class RehearsalError(Exception):
    """The task cannot be rehearsed here; the text says why, and what to do."""


def undone_if_rehearsed(request: Context) -> AbstractContextManager[None]:
    """Return what to execute the body in: nothing special, unless the run is a rehearsal."""
    rehearsal = rehearsal_of(header(request, HEADER))
    return nullcontext() if rehearsal is None else undone(rehearsal)


def passed_on(task: Task[Any, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a call; what a rehearsal calls is a rehearsal too.

    Weak: a call by `app.send_task` does not come here.
    """
    caller = task.app.current_worker_task
    said = header(caller.request, HEADER) if caller else None
    if not said:
        return options
    return {**options, "headers": {**(options.get("headers") or {}), HEADER: said}}


@contextmanager
def undone(rehearsal: Rehearsal) -> Iterator[None]:
    """Let everybody see that the attempt is a rehearsal, and undo what the block writes.

    Functions that wait for the commit (`transaction.on_commit`) are not called. Within the block
    a transaction cannot be `durable`.
    """
    execution = current_execution()
    if execution is not None:
        execution.rehearsal = rehearsal
    with _copied_where_writers_wait(), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def _copied_where_writers_wait() -> Iterator[None]:
    """Let this thread work on a copy of an SQLite database; do nothing for other engines."""
    real: Any = connections[DEFAULT_DB_ALIAS]
    if real.vendor != "sqlite":
        yield
        return
    with TemporaryDirectory(prefix="rehearsal-") as folder:
        copy = real.copy()
        copy.settings_dict["NAME"] = str(Path(folder) / "copy.sqlite3")
        _copy(real, copy.settings_dict["NAME"])
        connections[DEFAULT_DB_ALIAS] = copy
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = real
            copy.close()


def _copy(real: Any, path: str) -> None:
    """Write a copy of the database; it keeps nobody from reading or writing (WAL)."""
    with real.cursor() as cursor:
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        [size_bytes] = cursor.fetchone()
    if size_bytes > MOST_COPIED_BYTES:
        raise RehearsalError(
            f"The SQLite database has {size_bytes / 1e9:.1f} GB, and a rehearsal copies it. "
            f"It copies at most {MOST_COPIED_BYTES / 1e9:.0f} GB; PostgreSQL needs no copy."
        )
    target = sqlite3.connect(path)
    try:
        real.connection.backup(target)
    finally:
        target.close()
