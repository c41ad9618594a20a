"""Celery's own `self.retry` and `autoretry_for`: what they ask for, taken before it is sent.

Celery (5.7) sends the message of a retry while the body still runs, and a worker then holds it
until its time has come. Here the retry is noted, and once the body has ended the run waits in
the ledger. Only a run that the ledger cannot hold whole goes Celery's way.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from celery.app.task import Context
from celery.utils.time import maybe_iso8601, maybe_make_aware
from django.utils import timezone

from jobs.runs.canvas import canvas_of, canvas_of_options
from jobs.runs.wholeness import NotWholeError, kept
from jobs.runs.worker.seam.ending import AskedRetry


def is_own_retry(request: Context, task_id: str | None, options: dict[str, Any]) -> bool:
    """Return whether a call is the next attempt that the running task asks for itself."""
    return bool(
        request.get("is_started")
        and task_id == request.id
        and options.get("retries") == request.retries + 1
    )


def asked_retry(request: Context, args: Any, kwargs: Any, options: dict[str, Any]) -> AskedRetry:
    """Return what the options of a retry ask for."""
    when = options.get("eta") or options.get("countdown")
    given = {"args": args, "kwargs": kwargs, **options}
    try:
        changes = _changes(request, args, kwargs, options)
    except NotWholeError:
        return AskedRetry(_instant(when), {}, is_whole=False, options=given)
    return AskedRetry(_instant(when), changes, is_whole=True, options=given)


def asked_by_hand(request: Context, when: Any) -> AskedRetry:
    """Return what a task asks for that raises Retry without having called `self.retry`."""
    options = {"retries": request.retries + 1}
    try:
        changes = {"canvas": {**(canvas_of(request) or {}), **options}}
    except NotWholeError:
        return AskedRetry(_instant(when), {}, is_whole=False, options=options)
    return AskedRetry(_instant(when), changes, is_whole=True, options=options)


def _changes(request: Context, args: Any, kwargs: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of the run that differ at the next attempt; raise NotWholeError."""
    changes: dict[str, Any] = {"canvas": canvas_of_options(options, str(request.id))}
    if args is not request.args:
        changes["args"] = kept(list(args or ()))
    if kwargs is not request.kwargs:
        changes["kwargs"] = kept(dict(kwargs or {}))
    if options.get("expires") is not request.expires:
        changes["expires_at"] = _instant(options["expires"]) if options["expires"] else None
    delivery = request.delivery_info or {}
    for option in ("queue", "priority"):
        value = options.get(option)
        if value is not None and value not in (delivery.get("routing_key"), delivery.get(option)):
            changes[option] = kept(value)
    return changes


def _instant(when: Any) -> datetime:
    """Return the instant that an ETA (ISO 8601 or datetime) or a number of seconds means."""
    if isinstance(when, datetime | str):
        instant: datetime = maybe_make_aware(cast("datetime", maybe_iso8601(when)), UTC)
        return instant.astimezone(UTC)
    return timezone.now() + timedelta(seconds=when or 0)
