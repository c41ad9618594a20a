"""Captures what a task logs and prints while it executes; it still goes where it went before.

Captured are records of Python's loggers (structlog's among them) that pass the root logger's
level, and what is written to `sys.stdout` and `sys.stderr`. Not captured: what a child process
or a C library writes to the file descriptors, what is written to `sys.stdout.buffer`, and what a
thread of the task's own says; see `execution`.
"""

import logging
import sys
from collections.abc import Iterable
from threading import Lock
from typing import Any, TextIO
from uuid import UUID

import structlog
from structlog.typing import EventDict

from jobs.runs.worker.output import writing
from jobs.runs.worker.output.execution import current_execution, enter, leave

# What Celery and the ledger say about a task. "celery.redirected" has what is printed while
# Celery's `worker_redirect_stdouts` is in force: that was captured on its way there.
MACHINERY = (
    "celery.app.trace",
    "celery.pool",
    "celery.redirected",
    "celery.worker",
    "jobs.runs.transitions",
    "jobs.runs.worker",
)

logger = structlog.get_logger(__name__)


def begin(run_id: UUID, attempt: int) -> None:
    """Capture from now on what this thread, or greenlet, says; never raises."""
    enter(run_id, attempt)
    _capturing.one_more()


def end() -> None:
    """Write what was captured and reported and stop capturing; never raises.

    Does nothing where nothing began. Call it before the attempt ends in the ledger: progress is
    kept of running attempts only.
    """
    execution = leave()
    if execution is None:
        return
    _capturing.one_less()
    try:
        writing.writer.finish(execution)
    except Exception:
        logger.exception("an attempt's output was not written", run=str(execution.run_id))


def say(text: str) -> None:
    """Add the text to the log of the attempt that is executed here, if there is one."""
    execution = current_execution()
    if execution is not None and text:
        execution.said.add(text)
        writing.writer.look_after(execution)


class CapturingStream:
    """Standard output or error which also keeps what the executing attempt writes.

    All else is the stream's own affair, be it a file or Celery's LoggingProxy.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write to the stream itself, then keep the text."""
        written = self.stream.write(text)
        if isinstance(text, str):
            say(text)
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        """Write one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """Return the stream's own attribute."""
        return getattr(self.stream, name)


class CapturingHandler(logging.Handler):
    """The root logger's handler that keeps what the executing attempt logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as a line for people."""
        if current_execution() is None or record.name.startswith(MACHINERY):
            return
        try:
            say(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 (as every handler of the standard library does)
            self.handleError(record)


def _without_other_handlers_notes(_: Any, __: str, event: EventDict) -> EventDict:
    """Return the event without what the formatters of other handlers leave at a record."""
    event.pop("message", None)
    event.pop("asctime", None)
    return event


def _formatter() -> logging.Formatter:
    """Return the formatter of captured lines, whatever the process's own logs look like."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            _without_other_handlers_notes,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Plain tracebacks: the pretty ones print local variables, and secrets with them.
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
    )


class Capturing:
    """The handler and the two streams, in place while at least one attempt is executed.

    Whoever replaces `sys.stdout` meanwhile wins: it is then not put back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._executions = 0
        self._handler = CapturingHandler()
        self._handler.setFormatter(_formatter())
        self._streams: dict[str, CapturingStream] = {}

    def one_more(self) -> None:
        """Count an attempt that begins; put everything in place for the first one."""
        with self._lock:
            self._executions += 1
            if self._executions == 1:
                logging.getLogger().addHandler(self._handler)
                self._replace_streams()

    def one_less(self) -> None:
        """Count an attempt that ended; take everything away after the last one."""
        with self._lock:
            self._executions -= 1
            if self._executions == 0:
                logging.getLogger().removeHandler(self._handler)
                for name, capturing in self._streams.items():
                    if getattr(sys, name) is capturing:
                        setattr(sys, name, capturing.stream)

    def _replace_streams(self) -> None:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            # Python has none where a process was started with the descriptor closed.
            if stream is not None:
                self._streams[name] = CapturingStream(stream)
                setattr(sys, name, self._streams[name])


_capturing = Capturing()
