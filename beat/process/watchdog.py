"""Ends a beat that has stopped ticking, so that its supervisor starts a new one.

A thread counts its own checks instead of comparing clocks: a process that was stopped or a machine
that was suspended has made no checks meanwhile, and is not taken for one that hangs.
Weakness: code that never lets go of Python's global lock keeps this thread from running too.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable

import structlog

logger = structlog.get_logger(__name__)

EXIT_CODE = 1
CHECKS_PER_STALL = 20


def end_process() -> None:
    """End this process at once: no cleanup, which might hang like the tick does."""
    os._exit(EXIT_CODE)


class Watchdog:
    """Calls `on_stall` when `stall_seconds` have passed without a sign of progress."""

    def __init__(self, stall_seconds: float, on_stall: Callable[[], None] = end_process) -> None:
        self.stall_seconds = stall_seconds
        self._on_stall = on_stall
        self._checks_without_progress = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def progress(self) -> None:
        """Note that a step has ended; starts the watch when it is not running."""
        self._checks_without_progress = 0
        if self._thread is None:
            self._stopped.clear()
            self._thread = threading.Thread(target=self._watch, name="Watchdog", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop watching; a later `progress` starts it again."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while not self._stopped.wait(self.stall_seconds / CHECKS_PER_STALL):
            self._checks_without_progress += 1
            if self._checks_without_progress > CHECKS_PER_STALL:
                self._tell()
                self._on_stall()
                return

    def _tell(self) -> None:
        logger.error(
            "beat stalled: no step has ended; the process ends so that it is started anew",
            stall_seconds=self.stall_seconds,
            stacks=stacks_of_all_threads(),
        )


def stacks_of_all_threads() -> str:
    """Return where every thread of this process is, as text."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = [
        f"Thread {names.get(ident, ident)}:\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()  # noqa: SLF001  # the documented way
    ]
    return "\n".join(parts)
