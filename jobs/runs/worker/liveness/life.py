"""The life of a worker: from its start to its end, its heart beats and a fence guards its tasks.

`LifeStep` is a step of Celery's worker, which an app names in `app.steps["worker"]`.
Its heartbeat comes from a thread of the main process, its fence is a thread in each process that
executes tasks.
"""

import atexit
import os
from typing import Any
from uuid import UUID

import structlog
from celery import bootsteps, signals
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from jobs.runs import losing
from jobs.runs.worker.liveness.executions import Executions
from jobs.runs.worker.liveness.fence import Fence, guard
from jobs.runs.worker.liveness.giving_back import NotBegun
from jobs.runs.worker.liveness.heartbeat import Heartbeat
from jobs.runs.worker.liveness.own_row import OwnRow
from jobs.runs.worker.liveness.shutdown import Shutdown
from jobs.runs.worker.liveness.signs import Signs

logger = structlog.get_logger(__name__)


class Life:
    """All that one worker's main process does to be known as alive."""

    def __init__(self, controller: Any) -> None:
        self.pid = os.getpid()
        self.fence = Fence(Signs(), settings.WORKER_LEASE_SECONDS)
        self._executions = Executions(controller)
        self._row = OwnRow(controller, self.fence.signs)
        self._shutdown = Shutdown(self._executions, settings.WORKER_GRACE_SECONDS)
        self._heartbeat = Heartbeat(self._row, self.fence, self._shutdown, self._executions)
        self._has_ended = False

    def start(self) -> None:
        """Begin to beat, and guard this process where it executes tasks itself."""
        if not self._executions.are_processes:
            guard(self.fence, lambda: self._executions.are_under_way)
        self._heartbeat.start()

    def stop_soon(self) -> None:
        """Begin the grace; may be called by a signal handler."""
        self._shutdown.ask()
        self._heartbeat.hurry()

    def end(self) -> None:
        """Hand back what is left, and write that this life is over; only the first call counts.

        A process that a task has forked is not the one whose life it is.
        """
        if self._has_ended or os.getpid() != self.pid:
            return
        self._has_ended = True
        worker_id = self._heartbeat.end()
        if worker_id is None:
            return
        try:
            if self._executions.are_processes:
                self._executions.kill()
            now = timezone.now()
            losing.hand_back(worker_id, now, now)
            self._row.end(worker_id)
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("the end of the worker could not be written", error=str(problem).strip())


_life: Life | None = None


def worker_id() -> UUID | None:
    """Return the id of the life that this process belongs to, None outside of a worker.

    Waits while the fence is closed: nothing may be started then. It opens with the next
    heartbeat, which needs the database.
    """
    if _life is None:
        return None
    _life.fence.wait_until_open()
    return _life.fence.signs.worker_id


class LifeStep(bootsteps.StartStopStep):
    """Celery's step: made before the pool forks its children, started after."""

    requires = ("celery.worker.components:Pool",)

    def create(self, controller: Any) -> None:
        """Make what children are to inherit."""
        global _life  # noqa: PLW0603 (a process is at most one worker's)
        _life = Life(controller)

    def start(self, controller: Any) -> None:
        """Begin the life."""
        if _life is not None:
            _life.start()
            atexit.register(_life.end)

    def close(self, controller: Any) -> None:
        """Take no more work: the first part of a stop, while the consumer still knows all."""
        _stop_soon()
        self._not_begun = NotBegun(controller.consumer)

    def stop(self, controller: Any) -> None:
        """Give back what was not begun; the consumer has stopped, the pool still finishes.

        The end of the life is left to `_end`, after all steps.
        """
        count = self._not_begun.give_back()
        if count:
            logger.info("messages are given back to the broker", messages=count)

    def terminate(self, controller: Any) -> None:
        """As `stop`."""
        self.stop(controller)


@signals.worker_process_init.connect
def _guard_child(**_: Any) -> None:
    """Guard a child of the pool. The solo pool sends this too, in the main process."""
    if _life is not None and os.getpid() != _life.pid:
        guard(_life.fence, lambda: True)


@signals.worker_shutting_down.connect
def _stop_soon(**_: Any) -> None:
    if _life is not None:
        _life.stop_soon()


@signals.worker_shutdown.connect
def _end(**_: Any) -> None:
    if _life is not None:
        _life.end()
        atexit.unregister(_life.end)
