"""The start of a run at a worker: what its message says, and one statement that claims it.

Any number of workers may be told of the same attempt at the same time; one of them starts it.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django_celery_beat.models import PeriodicTask

from jobs.runs import prepared
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

_TABLE = Run._meta.db_table  # noqa: SLF001 (public in Django in spite of its name)
_FIELDS: Any = Run._meta.concrete_fields  # noqa: SLF001
# Both startable states: a message may reach a worker before the commit that says "queued".
_STARTABLE = f"{_TABLE}.state IN ('{State.PENDING}', '{State.QUEUED}')"
# What an earlier attempt has left, and a new one begins without.
_BEGUN_ANEW = "finished_at = NULL, reason = '', reason_text = '', progress = NULL"
_START = (
    f"UPDATE {_TABLE} SET state = '{State.RUNNING}', started_at = %s, worker = %s, "  # noqa: S608
    f"worker_id = %s, {_BEGUN_ANEW} "
    f"WHERE id = %s AND attempt = %s AND {_STARTABLE} RETURNING due_at"
)


@dataclass(frozen=True)
class Message:
    """What a task's message says about the run it asks for."""

    run_id: UUID
    task: str
    attempt: int
    schedule_name: str
    args: Any
    kwargs: Any
    queue: str
    worker: str
    exchange: str = ""
    routing_key: str = ""
    priority: int | None = None
    headers: dict[str, Any] = field(default_factory=dict)
    canvas: dict[str, Any] | None = None
    is_whole: bool = True
    # Instants: when it may begin, and after when it may not.
    due_at: datetime | None = None
    expires_at: datetime | None = None
    parent_id: UUID | None = None
    # The life of the worker that has it.
    worker_id: UUID | None = None


def record(message: Message, now: datetime) -> None:
    """Insert the run of `message` unless it exists, as one that the broker has had."""
    Run.objects.bulk_create([Run(**columns_of(message, State.QUEUED, now))], ignore_conflicts=True)


def start(message: Message, now: datetime) -> datetime | None:
    """Change a startable run to running for this attempt; return its `due_at`, None if too late.

    None, too, when another run of its schedule is under way and the two must not overlap: it
    is left as it is, and publishing or rescue decides anew.
    """
    values = [now, message.worker[:255], message.worker_id, message.run_id, message.attempt]
    columns = ("started_at", "worker", "worker_id", "id", "attempt")
    return _claimed(_START, columns, values)


def record_and_start(message: Message, now: datetime) -> datetime | None:
    """Do both of `record` and `start` in one statement, for a call without a schedule.

    The row is made without the model: an instance of it costs more than the statement.
    """
    values = {
        **_defaults(),
        **columns_of(message, State.RUNNING, now),
        "started_at": now,
        "worker": message.worker[:255],
        "worker_id": message.worker_id,
    }
    return _claimed(_record_and_start(tuple(values)), values.keys(), values.values())


def was_started(message: Message, now: datetime) -> datetime | None:
    """Return the `due_at` of the run that this very start has claimed at `now`, or None.

    For a start whose outcome is unknown because the connection broke before the answer.
    """
    run = Run.objects.filter(
        id=message.run_id,
        attempt=message.attempt,
        state=State.RUNNING,
        started_at=now,
        worker=message.worker[:255],
    )
    return run.values_list("due_at", flat=True).first()


def columns_of(message: Message, state: State, now: datetime) -> dict[str, Any]:
    """Return the columns of the run that the message asks for; the others have their defaults."""
    due_at = message.due_at or now
    return {
        "id": message.run_id,
        "schedule_id": _schedule_id(message.schedule_name),
        "schedule_name": message.schedule_name[:200],
        "task": message.task[:255],
        "kind": Kind.SCHEDULED if message.schedule_name else Kind.ADHOC,
        "due_at": due_at,
        "publish_at": due_at,
        "state": state,
        "attempt": message.attempt,
        "args": message.args,
        "kwargs": message.kwargs,
        "queue": message.queue[:200],
        "exchange": message.exchange[:200],
        "routing_key": message.routing_key[:200],
        "priority": message.priority,
        "headers": message.headers,
        "canvas": message.canvas,
        "is_whole": message.is_whole,
        "expires_at": message.expires_at,
        "parent_id": message.parent_id,
        # Rescue counts from here for how long the broker has had it.
        "queued_at": now,
    }


def _schedule_id(name: str) -> int | None:
    if not name:
        return None
    schedule: PeriodicTask | None = PeriodicTask.objects.filter(name=name).only("id").first()
    return schedule.pk if schedule else None


@cache
def _defaults() -> dict[str, Any]:
    """Return the defaults of the columns that must have a value and to which SQL gives none."""
    required = (each for each in _FIELDS if not each.null and not each.has_db_default())
    return {each.attname: each.get_default() for each in required}


def parameters(columns: Iterable[str], values: Iterable[Any]) -> list[Any]:
    """Return values of columns of Run as `prepared.execute` takes them."""
    return prepared.parameters(map(_field, columns), values)


def _claimed(statement: str, columns: Any, values: Any) -> datetime | None:
    """Return the `due_at` of the row that the statement has claimed, None when there is none."""
    try:
        with _savepoint():
            _count, row = prepared.execute(statement, parameters(columns, values))
    except IntegrityError:
        return None
    return None if row is None else _instant(row[0])


def _savepoint() -> AbstractContextManager[None]:
    """Return a savepoint where there is a transaction to be spared, else nothing: it costs."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _instant(value: Any) -> datetime:
    """Return an instant as a plain cursor gave it: of SQLite naive, or as text, and in UTC."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@cache
def _field(name: str) -> Any:
    return next(each for each in _FIELDS if each.attname == name)


@cache
def _record_and_start(names: tuple[str, ...]) -> str:
    columns = ", ".join(_field(name).column for name in names)
    values = ", ".join(["%s"] * len(names))
    taken = ("state", "started_at", "worker", "worker_id")
    changes = ", ".join(f"{column} = excluded.{column}" for column in taken)
    return (
        f"INSERT INTO {_TABLE} ({columns}) VALUES ({values}) "  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {changes}, {_BEGUN_ANEW} "
        f"WHERE {_TABLE}.attempt = excluded.attempt AND {_STARTABLE} RETURNING {_TABLE}.due_at"
    )
