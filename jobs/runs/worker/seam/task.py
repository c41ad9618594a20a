"""The task class of every task: the seam where Celery's worker tells the ledger what happens.

It is set app-wide (`Celery(task_cls=...)`), so that tasks of other packages have it too. What
Celery tells the worker's main process alone is in `request`, messages without a task in
`consumer`.
"""

import sys
from typing import Any

import structlog
from billiard.einfo import ExceptionInfo
from celery import Task
from celery.exceptions import Ignore, Reject, Retry
from celery.result import AsyncResult
from django.utils import timezone

from jobs.runs import sending, transitions
from jobs.runs.arguments import as_annotated
from jobs.runs.limits import Limits
from jobs.runs.message_headers import ATTEMPT_HEADER
from jobs.runs.results import with_links
from jobs.runs.retrying import Retries
from jobs.runs.worker.database.patience import insist
from jobs.runs.worker.output import capturing
from jobs.runs.worker.output.execution import current_execution
from jobs.runs.worker.seam import beginning, ending
from jobs.runs.worker.seam.arriving import attempt_of, run_id_of
from jobs.runs.worker.seam.ending import AskedRetry
from jobs.runs.worker.seam.rehearsing import passed_on, undone_if_rehearsed
from jobs.runs.worker.seam.retry_asked import asked_by_hand, asked_retry, is_own_retry

logger = structlog.get_logger(__name__)


class TaskLeftError(Exception):
    """A task called sys.exit."""


class RecordedTask(Task):  # type: ignore[type-arg]
    """A Celery task whose every execution is a Run."""

    Request = "jobs.runs.worker.seam.request:RecordedRequest"
    limits: Limits | None = None
    retries: Retries | None = None

    def __init__(self) -> None:
        """Refuse limits that name what is no parameter of the task (LimitsError)."""
        if self.limits is not None:
            self.limits.require_names(self.name, self.run)

    def before_start(self, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Claim the attempt; raise Ignore when another worker has it or it is over."""
        attempt = attempt_of(self.request)
        due_at = beginning.begin(self, self.request, timezone.now())
        if due_at is None:
            logger.info("run not started: another has it", run=task_id, attempt=attempt)
            raise Ignore
        self.request.update(due_at=due_at, is_started=True)
        logger.info("run started", run=task_id, task=self.name, attempt=attempt)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Execute the body with its output captured; no hook of Celery tells of Ignore and Reject.

        Weak: a task class that overrides this without calling it goes without both.
        """
        request = self.request
        if not request.get("is_started") or request.get("is_in_body"):
            return super().__call__(*args, **kwargs)
        capturing.begin(run_id_of(request), attempt_of(request))
        request.update(is_in_body=True)
        try:
            args, kwargs = as_annotated(self, args, kwargs)
            with undone_if_rehearsed(request):
                return self.run(*args, **kwargs)
        except (Ignore, Reject) as asked:
            refusal = asked
            self._log(insist(lambda: ending.refused(self, request, refusal)))
            raise
        except SystemExit as left:
            if isinstance(left.code, int) and left.code < 0:
                raise  # billiard's own, of a signal that ends this process.
            # Let through, it would end the process, and lose the message that is next in line.
            raise TaskLeftError(f"The task left by sys.exit({left.code!r}).") from left
        finally:
            execution = current_execution()
            request.update(links=execution.links if execution else [])
            capturing.end()

    def apply_async(  # type: ignore[override]
        self, args: Any = None, kwargs: Any = None, task_id: str | None = None, **options: Any
    ) -> AsyncResult[Any]:
        """Send a call, or let it wait in the ledger: for its instant, or for its next attempt."""
        if is_own_retry(self.request, task_id, options):
            self.request.update(asked_retry=asked_retry(self.request, args, kwargs, options))
            return self.AsyncResult(str(task_id))
        options = passed_on(self, options)
        waiting_id = sending.wait_in_ledger(self, args, kwargs, task_id, options)
        if waiting_id is not None:
            return self.AsyncResult(waiting_id)
        return super().apply_async(args, kwargs, task_id=task_id, **options)

    def on_replace(self, sig: Any) -> Any:
        """Let the signature that takes this task's place be the run's next attempt."""
        request = self.request
        sending.mark_last(sig, ATTEMPT_HEADER, attempt_of(request) + 1)
        self._log(insist(lambda: ending.replaced(request)))
        return super().on_replace(sig)

    def on_success(
        self, retval: Any, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Record the result; or the retry that the task has asked for without raising."""
        if self._retry_asked(None, ""):
            return
        request, now = self.request, timezone.now()
        result = with_links(retval, request.get("links") or [])
        changed = insist(
            lambda: transitions.succeed(run_id_of(request), attempt_of(request), result, now)
        )
        self._log("run succeeded" if changed else None)

    def on_failure(
        self,
        exc: BaseException,
        task_id: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        einfo: ExceptionInfo,
    ) -> None:
        """Record the error and its traceback, or that another attempt follows."""
        request = self.request
        if request.id != task_id:
            return  # The worker's main process, which records it by itself.
        # Celery hands over a copy that can be pickled, and that may be of another class.
        raised = sys.exc_info()[1] or exc
        if not self._retry_asked(raised, str(einfo)):
            self._log(insist(lambda: ending.failed(self, request, raised, str(einfo))))

    def on_retry(
        self,
        exc: BaseException | None,
        task_id: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        einfo: ExceptionInfo | None,
    ) -> None:
        """Record that the next attempt waits."""
        if self.request.id != task_id or einfo is None:
            return  # The worker's main process, as above.
        if not self.request.get("asked_retry"):
            raised = sys.exc_info()[1]
            when = raised.when if isinstance(raised, Retry) else None
            self.request.update(asked_retry=asked_by_hand(self.request, when))
        self._retry_asked(exc, str(einfo))

    def _retry_asked(self, raised: BaseException | None, traceback: str) -> bool:
        """Record the retry that the task has asked for; return whether it has."""
        request = self.request
        asked: AskedRetry | None = request.get("asked_retry")
        if asked is None:
            return False
        self._log(insist(lambda: ending.retried(self, request, asked, raised, traceback)))
        return True

    def _log(self, event: str | None) -> None:
        request = self.request
        about = {"run": request.id, "task": self.name, "attempt": attempt_of(request)}
        if event is None:
            logger.warning("a stale attempt ended late", **about)
        else:
            logger.info(event, **about)
