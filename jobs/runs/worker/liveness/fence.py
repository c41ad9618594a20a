"""The fence: who executes tasks ends before anybody may take the runs away.

Rescue starts a run again when the heartbeat of its worker is older than the lease. A pool child
whose main process has not committed a heartbeat for 0.75 of the lease therefore kills itself:
the main process may be stopped, or cut off from the database.

Weakness: code that never lets go of Python's global lock keeps the guard from looking. Where the
whole group of processes was stopped and goes on later, a child may execute for the moment that
its guard needs to wake up; the ledger takes nothing from it then.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from jobs.runs.worker.liveness.signs import Signs, seconds_now

FENCE_AT = 0.75
LOOKS_PER_LEASE = 20
EXIT_CODE = 70

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Fence:
    """How old the last heartbeat may be for tasks to be executed."""

    signs: Signs
    lease_seconds: float

    def is_open(self) -> bool:
        """Return whether tasks may be executed now."""
        return seconds_now() - self.signs.heartbeat_seconds < FENCE_AT * self.lease_seconds

    @property
    def look_seconds(self) -> float:
        """Return the pause between two looks."""
        return self.lease_seconds / LOOKS_PER_LEASE

    def wait_until_open(self) -> None:
        """Return when tasks may be executed; for as long as it takes."""
        while not self.is_open():
            time.sleep(min(self.look_seconds, 0.1))


def guard(fence: Fence, is_at_work: Callable[[], bool]) -> threading.Thread:
    """Start the thread that ends this process when the fence closes while it is at work.

    One that was born behind a closed fence executes nothing yet and waits.
    """
    thread = threading.Thread(target=_watch, args=(fence, is_at_work), name="Fence", daemon=True)
    thread.start()
    return thread


def _watch(fence: Fence, is_at_work: Callable[[], bool]) -> None:
    was_open = False
    while True:
        if fence.is_open():
            was_open = True
            fence.signs.pool_lives()
        elif was_open and is_at_work():
            _end_process(fence)
        time.sleep(fence.look_seconds)


def _end_process(fence: Fence) -> None:
    age_seconds = round(seconds_now() - fence.signs.heartbeat_seconds, 1)
    try:
        logger.error("no heartbeat of the worker for too long; this process ends", age=age_seconds)
    finally:
        os._exit(EXIT_CODE)
