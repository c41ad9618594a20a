"""What Celery's request of an execution says, in the words of the ledger."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from celery.app.task import Context
from celery.utils.time import maybe_iso8601, maybe_make_aware

from jobs.runs.canvas import canvas_of
from jobs.runs.current import id_of_run
from jobs.runs.message_headers import (
    ATTEMPT_HEADER,
    DUE_AT_HEADER,
    OUR_HEADERS,
    SCHEDULE_HEADER,
)
from jobs.runs.starting import Message
from jobs.runs.wholeness import NotWholeError, kept, shortened
from jobs.runs.worker.liveness.life import worker_id


def run_id_of(request: Context) -> UUID:
    """Return the id of the run that the request executes."""
    return id_of_run(str(request.id))


def attempt_of(request: Context) -> int:
    """Return the number of the attempt: as the message says, else Celery's retry n is n + 1."""
    number = header(request, ATTEMPT_HEADER)
    return number if isinstance(number, int) else request.retries + 1


def header(request: Context, name: str) -> Any:
    """Return a header of the message; Celery mixes them with its own values, unless eager."""
    return request.get(name) or (request.headers or {}).get(name)


def is_recorded(request: Context) -> bool:
    """Return whether the message is one that beat has sent: its run has a row already."""
    return bool(header(request, DUE_AT_HEADER))


def message_of(task_name: str, request: Context) -> Message:
    """Return what the ledger is to know of the message; of a recorded one only who asks."""
    about: dict[str, Any] = {
        "run_id": run_id_of(request),
        "task": task_name,
        "attempt": attempt_of(request),
        "schedule_name": str(header(request, SCHEDULE_HEADER) or ""),
        "worker": request.hostname or "",
        "worker_id": worker_id(),
    }
    if is_recorded(request):
        return Message(**about, args=[], kwargs={}, queue="")
    return Message(
        **about,
        **_content(request),
        **_route(request.delivery_info or {}),
        due_at=_instant(request.eta),
        expires_at=_instant(request.expires),
        parent_id=id_of_run(request.parent_id) if request.parent_id else None,
    )


def _content(request: Context) -> dict[str, Any]:
    """Return what is needed to send the message again, or what people may read of it."""
    args, kwargs = list(request.args or ()), request.kwargs or {}
    try:
        _require_own_id(request)
        return {
            "args": kept(args),
            "kwargs": kept(kwargs),
            "headers": kept(_headers(request)),
            "canvas": canvas_of(request),
        }
    except NotWholeError:
        return {"args": _readable(args), "kwargs": _readable(kwargs), "is_whole": False}


def _require_own_id(request: Context) -> None:
    """Raise NotWholeError for a task id chosen by hand: sent again, it would be the run's."""
    if str(run_id_of(request)) != request.id:
        raise NotWholeError("its task id is no UUID")


def _headers(request: Context) -> dict[str, Any]:
    headers = request.headers or {}
    return {name: value for name, value in headers.items() if name not in OUR_HEADERS}


def _readable(value: Any) -> Any:
    try:
        return kept(value)
    except NotWholeError:
        return shortened(value)


def _route(delivery: Any) -> dict[str, Any]:
    exchange, key = delivery.get("exchange") or "", delivery.get("routing_key") or ""
    priority = delivery.get("priority")
    # Celery's own exchanges are called as their queues are.
    where = {"queue": key} if exchange in {"", key} else {"exchange": exchange, "routing_key": key}
    return {"queue": "", **where, "priority": priority if isinstance(priority, int) else None}


def _instant(value: Any) -> datetime | None:
    """Return the instant of an ETA or of an end (ISO 8601, datetime or None) in UTC."""
    if not value:
        return None
    instant: datetime = maybe_make_aware(cast("datetime", maybe_iso8601(value)), UTC)
    return instant.astimezone(UTC)
