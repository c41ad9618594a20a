"""Calls for later (`countdown`, `eta`) wait in the ledger; all others go to the broker as ever.

A worker would take such a message at once and hold it in its memory: it comes back late when
the worker dies, Redis delivers it twice where it waits longer than the visibility timeout, and
nobody sees it. In the ledger it is a pending run, and beat sends it when its instant has come.
The row belongs to the caller's transaction: what is rolled back was not asked for.

A plain call is not written here: a web request that sends a mail needs the broker alone, and
its run is recorded by the worker. So is a call for later that the ledger cannot hold whole, or
while the database is away.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import structlog
from celery import Task
from celery import canvas as celery_canvas
from celery.canvas import Signature
from celery.utils.time import maybe_iso8601, maybe_make_aware
from django.db import DatabaseError, transaction
from django.utils import timezone

from jobs.runs.canvas import OPTIONS, canvas_of_options
from jobs.runs.current import id_of_run
from jobs.runs.ids import new_run_id
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from jobs.runs.wholeness import NotWholeError, kept

COLUMNS = ("queue", "exchange", "routing_key", "priority")
# These say how to send the message, and not what it is.
OF_SENDING = {"countdown", "eta", "producer", "connection", "add_to_parent", "origin", "reply_to"}
KNOWN = {*OPTIONS, *COLUMNS, *OF_SENDING, "expires", "headers", "retry", "retry_policy"}

# The stubs of Celery do not know them.
_CHAIN: Any = celery_canvas._chain  # noqa: SLF001
_CHORD: Any = celery_canvas._chord  # type: ignore[attr-defined]  # noqa: SLF001

logger = structlog.get_logger(__name__)


def wait_in_ledger(
    task: Task[Any, Any], args: Any, kwargs: Any, task_id: str | None, options: dict[str, Any]
) -> str | None:
    """Return the task id of a call that waits in the ledger, None for one that Celery must send."""
    now = timezone.now()
    go_at = _go_at(options, now)
    if go_at is None or go_at <= now or not _may_wait(task, task_id, options):
        return None
    if task.typing:
        task.__header__(*(args or ()), **(kwargs or {}))  # type: ignore[attr-defined]
    run_id = task_id or str(new_run_id(now))
    options = _with_family(task, options)
    try:
        run = _run(task, run_id, list(args or ()), kwargs or {}, options, go_at, now)
        with transaction.atomic():
            run.save(force_insert=True)
    except NotWholeError:
        return None
    except DatabaseError as problem:
        logger.warning("a call for later waits in a worker: no ledger", problem=str(problem))
        return None
    _tell_parent(task, run_id, options)
    return run_id


def mark_last(signature: Any, header: str, value: int) -> None:
    """Put a header on the task whose id the whole signature has: the last one of a chain."""
    last = signature
    while isinstance(last, _CHAIN | _CHORD):
        last = last.tasks[-1] if isinstance(last, _CHAIN) else last.body
    if isinstance(last, Signature):
        headers: Any = {**(last.options.get("headers") or {}), header: value}
        last.set(headers=headers)


def _may_wait(task: Task[Any, Any], task_id: str | None, options: dict[str, Any]) -> bool:
    """Return whether nothing about the call is such that only Celery itself can send it."""
    stamps = options.get("stamped_headers") or ()
    return (
        not task.app.conf.task_always_eager
        and getattr(task, "_dump_pydantic_arguments", None) is None
        and (task_id is None or str(id_of_run(task_id)) == task_id)
        and all(value is None or name in KNOWN or name in stamps for name, value in options.items())
    )


def _run(
    task: Task[Any, Any],
    run_id: str,
    args: list[Any],
    kwargs: dict[str, Any],
    options: dict[str, Any],
    go_at: datetime,
    now: datetime,
) -> Run:
    columns = {name: options[name] for name in COLUMNS if options.get(name) is not None}
    parent_id = options.get("parent_id")
    return Run(
        id=id_of_run(run_id),
        task=str(task.name)[:255],
        kind=Kind.ADHOC,
        due_at=go_at,
        publish_at=go_at,
        state=State.PENDING,
        args=kept(args),
        kwargs=kept(kwargs),
        headers=kept(options.get("headers") or {}),
        canvas=canvas_of_options(options, run_id),
        expires_at=_instant(options.get("expires"), now),
        parent_id=id_of_run(parent_id) if parent_id else None,
        **kept(columns),
    )


def _with_family(task: Task[Any, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the task that makes this call, as `app.send_task` does it."""
    parent = task.app.current_worker_task
    if not parent or (options.get("root_id") and options.get("parent_id")):
        return options
    request = parent.request
    return {
        **options,
        "root_id": options.get("root_id") or request.root_id or request.id,
        "parent_id": options.get("parent_id") or request.id,
    }


def _tell_parent(task: Task[Any, Any], run_id: str, options: dict[str, Any]) -> None:
    parent = task.app.current_worker_task
    if parent and options.get("add_to_parent", True):
        parent.add_trail(task.AsyncResult(run_id))


def _go_at(options: dict[str, Any], now: datetime) -> datetime | None:
    return _instant(options.get("eta"), now) or _instant(options.get("countdown"), now)


def _instant(when: Any, now: datetime) -> datetime | None:
    """Return the instant that an option means: ISO 8601, a datetime, or seconds from now."""
    if not when:
        return None
    if isinstance(when, int | float):
        return now + timedelta(seconds=when)
    instant: datetime = maybe_make_aware(cast("datetime", maybe_iso8601(when)), UTC)
    return instant.astimezone(UTC)
