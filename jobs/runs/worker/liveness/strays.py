"""Runs that the ledger believes to be at this worker, which does not have them.

So it is when the end of an execution could not be written down: the heart goes on beating, and
rescue would leave such a run "running" for ever.
"""

from datetime import timedelta
from uuid import UUID

from celery.worker import state
from django.utils import timezone

from jobs.runs import losing
from jobs.runs.current import id_of_run
from jobs.runs.models import Run
from jobs.runs.states import State
from jobs.runs.worker.liveness.signs import seconds_now


class Strays:
    """Looks once per lease; what is a stray twice in a row is taken from this worker.

    Once is not enough: Celery forgets an execution a moment before its end is written down.
    """

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._looked_at_seconds = seconds_now()
        self._suspects: set[tuple[UUID, int]] = set()

    def look(self, worker_id: UUID) -> int:
        """Return how many runs were taken from this worker; raise DatabaseError."""
        if seconds_now() - self._looked_at_seconds < self._lease_seconds:
            return 0
        self._looked_at_seconds = seconds_now()
        strays = self._strays(worker_id)
        certain, self._suspects = strays & self._suspects, strays
        return sum(
            losing.lose([run_id], losing.DIED.reason, timezone.now(), attempt=attempt)
            for run_id, attempt in certain
        )

    def _strays(self, worker_id: UUID) -> set[tuple[UUID, int]]:
        """Return (run, attempt) of what began long ago and is in no request of Celery's."""
        before = timezone.now() - timedelta(seconds=self._lease_seconds)
        running = Run.objects.filter(
            worker_id=worker_id, state=State.RUNNING, started_at__lt=before
        ).values_list("id", "attempt")
        found = set(running)
        in_hands = {id_of_run(task_id) for task_id in list(state.requests)}
        return {stray for stray in found if stray[0] not in in_hands}
