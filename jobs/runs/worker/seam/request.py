"""What the worker's main process learns of an execution that its child process cannot tell.

The child died or was killed, a hard time limit passed, the message was revoked or had expired.
These are written into the ledger by a thread beside the main loop (`aside`), which must not wait
for a database.
"""

import os
import signal
from typing import Any

from billiard import einfo
from celery.exceptions import InvalidTaskError, WorkerLostError
from celery.worker import request as celery_request
from celery.worker import state

from jobs.runs.worker.database import aside
from jobs.runs.worker.seam import ending, unstarted
from jobs.runs.worker.seam.ending import sentence

KILLED_ADVICE = "It was killed, perhaps by the kernel for want of memory."


# The stubs of Celery and billiard know little of them.
_Request: Any = celery_request.Request
_Wrapped: Any = einfo.ExceptionWithTraceback  # type: ignore[attr-defined]


class RecordedRequest(_Request):  # type: ignore[misc]
    """A request of Celery's worker whose end is in the ledger, too."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Refuse a message of another shape; celery 5.7 would end the worker, again and again."""
        try:
            super().__init__(*args, **options)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise InvalidTaskError(f"its content is not of Celery's form: {problem}") from problem

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """End the run at its hard limit; the soft one is an exception in the task."""
        if not soft and not state.should_terminate:
            # Before the ledger lets another attempt follow, this one must be over.
            self._kill()
            aside.write(unstarted.timed_out, self.task, self._context, timeout)
        super().on_timeout(soft, timeout)

    def on_failure(
        self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False
    ) -> None:
        """Bring back the run of a child that died; everything else the child has recorded."""
        raised = exc_info.exception
        if isinstance(raised, _Wrapped):
            raised = raised.exc
        if self._is_loss(raised):
            aside.write(unstarted.lost, self._type, self._context, _in_words(raised))
        if isinstance(raised, MemoryError):
            # The task's own, not this process's: celery 5.7 would raise it here.
            exc_info.exception = RuntimeError(sentence(raised))
        super().on_failure(exc_info, send_failed_event, return_ok)

    def _announce_revoked(self, reason: str, terminated: bool, signum: Any, expired: bool) -> None:
        super()._announce_revoked(reason, terminated, signum, expired)
        aside.write(unstarted.revoked, self._type, self._context, expired)

    def _announce_cancelled(self, emit_retry: bool = True) -> None:
        super()._announce_cancelled(emit_retry)
        aside.write(ending.handed_back, self.task, self._context)

    def _is_loss(self, raised: BaseException) -> bool:
        if self._already_revoked or self._already_cancelled:
            return False
        return isinstance(raised, WorkerLostError | SystemExit | KeyboardInterrupt)

    def _kill(self) -> None:
        """Kill the child that executes this; its pool starts another."""
        if self.worker_pid and self.worker_pid != os.getpid():
            try:
                os.kill(self.worker_pid, signal.SIGKILL)
            except ProcessLookupError:
                return


def _in_words(raised: BaseException) -> str:
    text = sentence(raised)
    return f"{text} {KILLED_ADVICE}" if "SIGKILL" in text or "signal 9" in text else text
