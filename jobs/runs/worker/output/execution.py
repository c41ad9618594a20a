"""The attempt that this thread, or asyncio task, executes: what it has said and reported so far.

It is found through a context variable. So two tasks in one process (the pools of threads and
greenlets) never mix, and what asyncio starts belongs to the task that started it. A thread of a
task's own belongs to none (Python 3.11-3.14 start threads in an empty context), unless it runs
in `contextvars.copy_context().run`.
"""

import os
from contextvars import ContextVar
from threading import Lock
from uuid import UUID

from jobs.runs.progress import Progress
from jobs.runs.rehearsal import Rehearsal
from jobs.runs.results import Link
from jobs.runs.worker.output.kept_text import KeptText


class Execution:
    """One attempt under way in this process, and what of it is not in the ledger yet."""

    def __init__(self, run_id: UUID, attempt: int, outer: "Execution | None") -> None:
        self.run_id = run_id
        self.attempt = attempt
        # A task that executes another one itself (`apply`) goes on as itself afterwards.
        self.outer = outer
        self.said = KeptText()
        self.written_bytes = 0
        self.progress: Progress | None = None
        self.written_progress: Progress | None = None
        self.links: list[Link] = []
        # A thread of the task's own may go on talking: to nobody.
        self.is_over = False
        self.has_trouble_writing = False
        self.is_cancelled = False
        # Set for the body of a rehearsal.
        self.rehearsal: Rehearsal | None = None
        self.asks_again_at = 0.0
        # Held while its rows are written, so that an older text never follows a newer one.
        self.writing = Lock()

    @property
    def has_said_more(self) -> bool:
        """Return whether its log has grown since it was written."""
        return self.said.said_bytes > self.written_bytes

    @property
    def has_got_further(self) -> bool:
        """Return whether its progress has changed since it was written."""
        return self.progress != self.written_progress


_current: ContextVar[Execution | None] = ContextVar("execution", default=None)


def current_execution() -> Execution | None:
    """Return the attempt that is executed here, or None outside of one."""
    return _current.get()


def enter(run_id: UUID, attempt: int) -> Execution:
    """Make this attempt the current one and return it."""
    execution = Execution(run_id, attempt, _current.get())
    _current.set(execution)
    return execution


def leave() -> Execution | None:
    """Return the current attempt and make the one around it current; None when there is none."""
    execution = _current.get()
    if execution is not None:
        _current.set(execution.outer)
    return execution


# A process that a task forks is not the task: it would write over what the task says, and may
# have been forked while a thread held a lock.
os.register_at_fork(after_in_child=lambda: _current.set(None))
