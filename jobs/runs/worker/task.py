"""The task class of every task: the seam where Celery's worker tells the ledger what happens.

It is set app-wide (`Celery(task_cls=...)`), so that tasks of other packages have it too.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from billiard.einfo import ExceptionInfo
from celery import Task
from celery.exceptions import Ignore, Retry
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from jobs.runs import transitions
from jobs.runs.current import id_of_run
from jobs.runs.models import Run

JSON_BYTES = 16_384
DUE_AT_HEADER = "punctual_due_at"
# Celery's message of a retry is in a worker's hands; beat's is for a worker that died.
HEAD_START = timedelta(seconds=30)

logger = structlog.get_logger(__name__)


class RecordedTask(Task):  # type: ignore[type-arg]
    """A Celery task whose every execution is a Run.

    Weakness: an execution that dies with its process stays "running" until the rescue of
    silent workers exists.
    """

    def before_start(self, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Claim the attempt; raise Ignore when another worker has it or it is over."""
        message = self._message(task_id, args, kwargs)
        now = timezone.now()
        # What beat has sent has its row already.
        if not self.request.get(DUE_AT_HEADER):
            transitions.record(message, now)
        if not transitions.start(message, now):
            logger.info("run not started: another has it", run=task_id, attempt=message.attempt)
            raise Ignore
        due_at = Run.objects.values_list("due_at", flat=True).get(id=message.run_id)
        self.request.update(due_at=due_at)
        logger.info("run started", run=task_id, task=self.name, attempt=message.attempt)

    def on_success(
        self, retval: Any, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Record the result."""
        changed = transitions.succeed(
            id_of_run(task_id), self._attempt(), bounded_json(retval), timezone.now()
        )
        self._log_end("run succeeded", task_id, changed)

    def on_failure(
        self,
        exc: BaseException,
        task_id: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        einfo: ExceptionInfo,
    ) -> None:
        """Record the error and its traceback, or that the policy asks for another attempt."""
        changed = transitions.fail_or_try_again(
            id_of_run(task_id), self._attempt(), sentence(exc), str(einfo), timezone.now()
        )
        self._log_end("run failed", task_id, changed)

    def on_retry(
        self,
        exc: BaseException,
        task_id: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        einfo: ExceptionInfo,
    ) -> None:
        """Record that the next attempt waits; Celery has already sent its message."""
        changed = transitions.retry(
            id_of_run(task_id), self._attempt(), sentence(exc), _publish_at(einfo.exception)
        )
        self._log_end("run will be tried again", task_id, changed)

    def _attempt(self) -> int:
        """Return the number of the attempt; beat sends attempt n as Celery's retry n - 1."""
        return self.request.retries + 1

    def _message(
        self, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> transitions.Message:
        request = self.request
        headers = request.headers or {}
        delivery = request.delivery_info or {}
        return transitions.Message(
            run_id=id_of_run(task_id),
            task=self.name,
            attempt=self._attempt(),
            schedule_name=request.get("periodic_task_name")
            or headers.get("periodic_task_name", ""),
            args=bounded_json(list(args)),
            kwargs=bounded_json(kwargs),
            queue=delivery.get("routing_key") or "",
            worker=request.hostname or "",
        )

    def _log_end(self, event: str, task_id: str, changed: bool) -> None:
        if changed:
            logger.info(event, run=task_id, task=self.name, attempt=self._attempt())
        else:
            logger.warning("a stale attempt ended late", run=task_id, attempt=self._attempt())


def bounded_json(value: Any) -> Any:
    """Return `value` as JSON types, or the beginning of its text when it is none or too large."""
    try:
        encoded = json.dumps(value, cls=DjangoJSONEncoder)
    except (TypeError, ValueError):
        return repr(value)[:1000]
    if len(encoded) > JSON_BYTES:
        return encoded[:1000] + " ... (too large to keep)"
    return json.loads(encoded)


def _publish_at(raised: BaseException | None) -> datetime:
    """Return when beat sends the next attempt, should Celery's own message have been lost."""
    # billiard wraps what was raised (ExceptionWithTraceback).
    retry = raised if isinstance(raised, Retry) else getattr(raised, "exc", None)
    when = getattr(retry, "when", None)
    if isinstance(when, datetime):
        return when + HEAD_START
    return timezone.now() + timedelta(seconds=when or 0) + HEAD_START


def sentence(exc: BaseException) -> str:
    """Return the error as its kind and what it says."""
    return f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
