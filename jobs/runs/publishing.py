"""The changes of a run on its way to the broker, many rows at a time.

Like `transitions`, each is an UPDATE guarded by state and attempt; any number of beats may call
them at the same time. A *lease* keeps other beats off a run while one hands it to the broker.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from jobs.runs.array_literals import array_literal
from jobs.runs.models import Run
from jobs.runs.states import WAITS_FOR_SLOT, Overlap, State

LEASE = timedelta(seconds=2)
WAITING = "waiting"
ROWS_PER_UPDATE = 5_000

T = TypeVar("T")

logger = structlog.get_logger(__name__)


class Outgoing(NamedTuple):
    """The columns of a Run that publishing reads, in the order of the query."""

    id: UUID
    attempt: int
    schedule_id: int | None
    schedule_name: str
    task: str
    args: Any
    kwargs: Any
    queue: str
    exchange: str
    routing_key: str
    priority: int | None
    headers: Any
    due_at: datetime
    publish_at: datetime
    expires_at: datetime | None
    overlap: str
    soft_time_limit_seconds: int | None
    time_limit_seconds: int | None
    reason: str
    canvas: Any = None


class Change(NamedTuple):
    """A new state, or a new reason for the old one, of the attempt of a run."""

    state: State
    reason: str
    reason_text: str
    finished_at: datetime | None
    id: UUID
    attempt: int
    from_state: State


def lease(now: datetime, limit: int, beat_name: str) -> list[Outgoing]:
    """Return at most `limit` runs to publish, longest waiting first, leased to this beat.

    Call it inside of a transaction. Those that the claim has leased to this beat come first.
    """
    pending = Run.objects.filter(state=State.PENDING, publish_at__lte=now)
    ours = pending.filter(published_by=beat_name, publish_lease_until__gt=now)
    runs = _read(ours, limit)
    if len(runs) < limit:
        free = _read(_locked(pending.filter(_is_free(now))), limit - len(runs))
        _renew(free, now, beat_name)
        runs += free
    return runs


def mark_queued(runs: Sequence[Outgoing], now: datetime) -> int:
    """Change pending runs that the broker has accepted to queued; return how many changed.

    A row that a worker has started meanwhile is left alone. One that the unique index of
    overlap refuses stays pending, and its overlap is decided anew.
    """
    by_attempt = groupby(sorted(runs, key=_attempt_of), key=_attempt_of)
    return sum(
        _mark([run.id for run in part], attempt, now)
        for attempt, same in by_attempt
        for part in _parts(same)
    )


def give_back(runs: Iterable[Outgoing], beat_name: str) -> None:
    """End the leases of this beat on these runs: the broker has not taken them."""
    for part in _parts(run.id for run in runs):
        held = Run.objects.filter(id__in=part, state=State.PENDING, published_by=beat_name)
        held.update(publish_lease_until=None)


def change(changes: Sequence[Change]) -> None:
    """Write each change whose run still is in its `from_state` and attempt."""
    if not changes:
        return
    meta = Run._meta  # noqa: SLF001 (public in Django in spite of its name)
    sql = (
        f"UPDATE {meta.db_table} "  # noqa: S608 (the name of our own table)
        "SET state = %s, reason = %s, reason_text = %s, finished_at = %s, "
        "publish_lease_until = NULL WHERE id = %s AND attempt = %s AND state = %s"
    )
    columns: list[Any] = [
        meta.get_field(name)
        for name in ("state", "reason", "reason_text", "finished_at", "id", "attempt", "state")
    ]
    rows = [
        tuple(
            column.get_db_prep_save(value, connection)
            for column, value in zip(columns, one, strict=True)
        )
        for one in changes
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def clear_waiting(runs: Iterable[Outgoing]) -> None:
    """Take the reason of waiting off runs that need not wait any longer."""
    ids = [run.id for run in runs if run.reason == WAITING]
    if ids:
        Run.objects.filter(id__in=ids, state=State.PENDING).update(reason="", reason_text="")


def bring_back(queued_before: datetime, limit: int) -> int:
    """Change at most `limit` runs queued before the instant to pending; return how many."""
    suspect = Run.objects.filter(state=State.QUEUED, queued_at__lt=queued_before)
    ids = list(suspect.order_by("queued_at").values_list("id", flat=True)[:limit])
    return suspect.filter(id__in=ids).update(
        state=State.PENDING,
        publish_lease_until=None,
        reason="broker_forgot",
        reason_text="The broker was restarted or emptied, so its message is sent again.",
    )


def among(column: Literal["id", "schedule_id"], values: Collection[UUID | int]) -> Q | RawSQL:
    """Return the condition that the column of a run is one of the values.

    Binding one array is far cheaper than ten thousand parameters, where there are arrays; as
    text it is cheapest. Its type has to be the column's: else PostgreSQL (15) compares with one
    element after the other instead of hashing them.
    """
    if connection.vendor == "postgresql":
        kind = Run._meta.get_field(column).db_type(connection)  # noqa: SLF001 (public in Django)
        literal = array_literal(values)
        return RawSQL(f"{column} = ANY(%s::{kind}[])", [literal], output_field=BooleanField())  # noqa: S611
    return Q(**{f"{column}__in": values})


def _is_free(now: datetime) -> Q:
    """Return what runs a beat may take: not leased, its own to send, and not bound to wait."""
    no_lease = Q(publish_lease_until=None) | Q(publish_lease_until__lte=now)
    # A row that a worker recorded for an ad-hoc call may hold shortened arguments: Celery
    # itself carries its retries.
    sent_by_beat = Q(is_whole=True)
    # Without it a long line of waiting runs would fill every batch. Served by run_no_overlap.
    under_way = Run.objects.filter(
        ~Q(overlap=Overlap.ALLOW),
        schedule=OuterRef("schedule"),
        state__in=[State.QUEUED, State.RUNNING],
    )
    may_go = ~Q(reason=WAITING) | ~Q(Exists(under_way))
    # Whoever waits for a slot is woken when there is one: see `limits.wake`.
    return no_lease & sent_by_beat & may_go & ~Q(reason=WAITS_FOR_SLOT)


def _locked(runs: QuerySet[Run]) -> QuerySet[Run]:
    if connection.features.has_select_for_update_skip_locked:
        return runs.select_for_update(skip_locked=True, of=("self",))
    return runs


def _read(runs: QuerySet[Run], limit: int) -> list[Outgoing]:
    rows = runs.order_by("publish_at", "due_at").values_list(*Outgoing._fields)[:limit]
    return [Outgoing._make(row) for row in rows]


def _renew(runs: Sequence[Outgoing], now: datetime, beat_name: str) -> None:
    for part in _parts(run.id for run in runs):
        Run.objects.filter(id__in=part).update(
            published_by=beat_name, publish_lease_until=now + LEASE
        )


def _mark(ids: Sequence[UUID], attempt: int, now: datetime) -> int:
    try:
        with transaction.atomic():
            these = Run.objects.filter(among("id", ids), attempt=attempt, state=State.PENDING)
            return these.update(state=State.QUEUED, queued_at=now, publish_lease_until=None)
    except IntegrityError:
        if len(ids) == 1:
            logger.warning("run not marked queued: another is under way", run=str(ids[0]))
            return 0
        middle = len(ids) // 2
        return _mark(ids[:middle], attempt, now) + _mark(ids[middle:], attempt, now)


def _attempt_of(run: Outgoing) -> int:
    return run.attempt


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists of a length that a statement can hold."""
    remaining = iter(items)
    while part := list(islice(remaining, ROWS_PER_UPDATE)):
        yield part
