"""A clean shutdown: what runs may finish within the grace, the rest is handed back.

Celery's warm shutdown (SIGTERM) takes no more work and waits for what runs, for ever. Its soft
shutdown (`worker_soft_shutdown_timeout`) does not help: it belongs to the cold one (SIGQUIT), and
sleeps in a signal handler, so that results are not even noticed (celery 5.7).
"""

import os
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from jobs.runs import losing
from jobs.runs.worker.liveness.executions import Executions
from jobs.runs.worker.liveness.signs import seconds_now

# A task in this very process goes on for the moment between the ledger's commit and the end.
HEAD_START = timedelta(seconds=1)

logger = structlog.get_logger(__name__)


class Shutdown:
    """When this worker was asked to stop, and what happens when its grace is over."""

    def __init__(self, executions: Executions, grace_seconds: float) -> None:
        self._executions = executions
        self._grace_seconds = grace_seconds
        self._ends_at_seconds: float | None = None
        self._is_done = False
        self.asked_at: datetime | None = None

    def ask(self) -> None:
        """Begin the grace; only the first call counts. May be called by a signal handler."""
        if self.asked_at is None:
            self._ends_at_seconds = seconds_now() + self._grace_seconds
            self.asked_at = timezone.now()

    def is_grace_over(self) -> bool:
        """Return whether what still runs is to be handed back now."""
        return not self._is_done and self.seconds_until_grace_is_over(1.0) == 0

    def seconds_until_grace_is_over(self, longest: float) -> float:
        """Return the seconds that are left of the grace, `longest` at the most."""
        if self._ends_at_seconds is None or self._is_done:
            return longest
        return min(max(self._ends_at_seconds - seconds_now(), 0.0), longest)

    def hand_back(self, worker_id: UUID | None) -> None:
        """End what still runs, and let other workers have it at once.

        Children are stopped first and killed last: until the ledger has the next attempt, the
        main process must not hear of their death, which counts as a loss.
        """
        self._is_done = True
        self._executions.freeze()
        try:
            self._hand_back(worker_id)
        except (DatabaseError, InterfaceError) as problem:
            # Rescue finds them when this worker has been silent for a lease.
            logger.warning("runs could not be handed back", error=str(problem).strip())
        finally:
            self._end()

    def _hand_back(self, worker_id: UUID | None) -> None:
        if worker_id is None:
            return
        now = timezone.now()
        start = timedelta() if self._executions.are_processes else HEAD_START
        count = losing.hand_back(worker_id, now, now + start)
        logger.warning("the grace is over; runs are handed back", runs=count)

    def _end(self) -> None:
        if self._executions.are_processes:
            self._executions.kill()
        elif self._executions.are_under_way:
            # Whoever stopped the worker wanted it to end: no failure.
            os._exit(0)
