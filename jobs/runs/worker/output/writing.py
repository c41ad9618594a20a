"""Writes what executing attempts say and report, from a thread of its own.

The thread has a database connection of its own: a line that a task says inside of a transaction
is kept when the transaction is rolled back, and the run's row is never locked for the length of
a task's transaction. It starts with the first word or report in a process, and its connection is
closed when nobody says anything any more: silent tasks cost nothing.
"""

import os
import time
from threading import Event, Lock, Thread

import structlog
from django.db import DatabaseError, connection

from jobs.runs.models import Run, RunLog
from jobs.runs.states import State
from jobs.runs.worker.output.execution import Execution

# Progress is written at most so often, and the log every second time.
PAUSE_SECONDS = 1.0
PAUSES_PER_LOG = 2

logger = structlog.get_logger(__name__)


class Writer:
    """The thread of one process, and the attempts that it looks after."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._executions: set[Execution] = set()
        self._has_any = Event()
        self._thread: Thread | None = None

    def look_after(self, execution: Execution) -> None:
        """Write from now on what the attempt says and reports; may be repeated."""
        if execution in self._executions:
            return
        with self._lock:
            if execution.is_over:
                return
            self._executions.add(execution)
            self._has_any.set()
            if self._thread is None:
                self._thread = Thread(target=self._work, name="run-output", daemon=True)
                self._thread.start()

    def finish(self, execution: Execution) -> None:
        """Write the rest in this thread; never raises for the database's sake."""
        with self._lock:
            execution.is_over = True
            if execution not in self._executions:
                return
            self._executions.discard(execution)
            if not self._executions:
                self._has_any.clear()
        write_progress(execution)
        write_log(execution)

    def _work(self) -> None:
        rounds = 0
        while self._has_any.wait():
            time.sleep(PAUSE_SECONDS)
            rounds += 1
            for execution in self._taken():
                write_progress(execution)
                if rounds % PAUSES_PER_LOG == 0:
                    write_log(execution)
            if not self._has_any.is_set():
                connection.close()

    def _taken(self) -> list[Execution]:
        with self._lock:
            return list(self._executions)


def write_log(execution: Execution) -> None:
    """Write the attempt's log if it has grown: one row, replaced."""
    with execution.writing:
        if not execution.has_said_more:
            return
        said_bytes = execution.said.said_bytes
        text, dropped_bytes = execution.said.read()
        row = RunLog(
            run_id=execution.run_id,
            attempt=execution.attempt,
            text=text,
            dropped_bytes=dropped_bytes,
        )
        try:
            RunLog.objects.bulk_create(
                [row],
                update_conflicts=True,
                unique_fields=["run", "attempt"],
                update_fields=["text", "dropped_bytes"],
            )
        except DatabaseError as problem:
            _note_trouble(execution, problem)
        else:
            execution.written_bytes = said_bytes


def write_progress(execution: Execution) -> None:
    """Write the attempt's progress if it has changed and the attempt is still running."""
    with execution.writing:
        if not execution.has_got_further:
            return
        progress = execution.progress
        ours = Run.objects.filter(
            id=execution.run_id, attempt=execution.attempt, state=State.RUNNING
        )
        try:
            ours.update(progress=progress)
        except DatabaseError as problem:
            _note_trouble(execution, problem)
        else:
            execution.written_progress = progress


def _note_trouble(execution: Execution, problem: DatabaseError) -> None:
    """Say so once per attempt; close a broken connection, so that the next query opens another."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if not execution.has_trouble_writing:
        execution.has_trouble_writing = True
        logger.warning(
            "what an attempt said or reported could not be written",
            run=str(execution.run_id),
            attempt=execution.attempt,
            problem=str(problem),
        )


writer = Writer()


def _begin_anew() -> None:
    """A forked process has no thread yet, and its locks may have been held."""
    global writer  # noqa: PLW0603 (one per process, also behind a fork)
    writer = Writer()


os.register_at_fork(after_in_child=_begin_anew)
