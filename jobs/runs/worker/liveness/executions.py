"""What executes tasks in this worker, and its end by force."""

import os
import signal
from dataclasses import dataclass
from typing import Any

from celery.worker import state

from jobs.runs.worker.liveness import pool

EXIT_CODE = 70


@dataclass(frozen=True)
class Executions:
    """The pool of one worker; `controller` is Celery's WorkController."""

    controller: Any

    @property
    def are_processes(self) -> bool:
        """Return whether tasks are executed in other processes than this one."""
        return pool.has_children(self.controller.pool)

    @property
    def are_under_way(self) -> bool:
        """Return whether the pool has accepted a task that is not over."""
        return bool(state.active_requests)

    def freeze(self) -> None:
        """Stop the children at once, in the middle of whatever they do."""
        pool.send(pool.children(self.controller.pool), signal.SIGSTOP)

    def kill(self) -> None:
        """End every execution: its process, which is this very one where there is no other."""
        if self.are_processes:
            pool.send(pool.children(self.controller.pool), signal.SIGKILL)
        elif self.are_under_way:
            os._exit(EXIT_CODE)
