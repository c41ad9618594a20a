"""How the keys stand in the ledger, read and written within the transaction of a decision.

The rows of rates are locked, so that beats and workers take places one after the other. Slots
are not: of two that take one at the same time the unique index `run_concurrency` stops the
second. Rates come first and both in the order of their keys; so nobody waits in a circle.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Min

from jobs.runs.limits.deciding import Asking, Standing, Verdict
from jobs.runs.limits.rates import Places
from jobs.runs.models import RateLimit, Run
from jobs.runs.states import UNDER_WAY, WAITS_FOR_SLOT, State

_TABLE = Run._meta.db_table  # noqa: SLF001 (public in Django in spite of its name)
_GUARD = "WHERE id = %s AND attempt = %s AND state = 'pending' AND concurrency_slot IS NULL"
_SET = (
    f"UPDATE {_TABLE} SET concurrency_key = %s, concurrency_slot = %s, publish_at = %s, "  # noqa: S608
    "reason = %s, reason_text = %s"
)
GO = f"{_SET} {_GUARD}"
WAIT = f"{_SET}, publish_lease_until = NULL {_GUARD}"
COLUMNS = (
    "concurrency_key",
    "concurrency_slot",
    "publish_at",
    "reason",
    "reason_text",
    "id",
    "attempt",
)


def read(runs: Sequence[Asking], now: datetime) -> Standing:
    """Return how the keys of the runs stand; their rates are locked until the transaction ends."""
    standing = Standing()
    standing.places = _lock_places({run.key for run in runs if run.limits.period is not None}, now)
    keys = {run.key for run in runs if run.limits.concurrency is not None}
    if not keys:
        return standing
    # Served by run_concurrency.
    held = Run.objects.filter(
        concurrency_key__in=keys, concurrency_slot__isnull=False, state__in=UNDER_WAY
    )
    for key, slot, run_id in held.values_list("concurrency_key", "concurrency_slot", "id"):
        if slot is not None:
            standing.held.setdefault(key, {})[slot] = run_id
    # Served by run_waits_for_slot.
    waiting = Run.objects.filter(
        concurrency_key__in=keys, state=State.PENDING, reason=WAITS_FOR_SLOT
    )
    first = waiting.values_list("concurrency_key").annotate(first_at=Min("publish_at"))
    standing.first_waiting_at = dict(first)
    return standing


def write(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Write what was decided about pending runs; return those that lost their slot to another.

    They stay pending as they are, and the next decision is about them anew.
    """
    verdicts = list(verdicts)
    _execute(WAIT, [verdict for verdict in verdicts if verdict.reason])
    go = [verdict for verdict in verdicts if not verdict.reason]
    return _take(sorted(go, key=lambda verdict: (verdict.key, verdict.slot or 0)))


def write_places(standing: Standing) -> None:
    """Write the places that were taken; their rows are locked since `read`."""
    rows = [RateLimit(key=key, **places._asdict()) for key, places in standing.places.items()]
    RateLimit.objects.bulk_update(rows, ["next_at", "taken_at"], batch_size=500)


def forget_rates(before: datetime, limit: int) -> int:
    """Delete at most `limit` rates that nothing has taken from since; return how many.

    A rate that is not there is one that all may take from: none is lost by it.
    """
    idle = RateLimit.objects.filter(next_at__lt=before, taken_at__lt=before)
    keys = list(idle.values_list("key", flat=True)[:limit])
    return idle.filter(key__in=keys).delete()[0]


def _lock_places(keys: AbstractSet[str], now: datetime) -> dict[str, Places]:
    if not keys:
        return {}
    rates = RateLimit.objects.filter(key__in=keys)
    known = set(rates.values_list("key", flat=True))
    new = [RateLimit(key=key, next_at=now, taken_at=now) for key in sorted(keys - known)]
    RateLimit.objects.bulk_create(new, ignore_conflicts=True)
    locked = rates.select_for_update().order_by("key")
    return {key: Places(*places) for key, *places in locked.values_list("key", *Places._fields)}


def _take(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Write those who go; return those whose slot is taken."""
    if not verdicts:
        return []
    try:
        with transaction.atomic():
            _execute(GO, verdicts)
    except IntegrityError:
        if len(verdicts) == 1:
            return list(verdicts)
        middle = len(verdicts) // 2
        return _take(verdicts[:middle]) + _take(verdicts[middle:])
    return []


def _execute(statement: str, verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        return
    fields: list[Any] = [Run._meta.get_field(name) for name in COLUMNS]  # noqa: SLF001
    rows = [
        [
            field.get_db_prep_save(value, connection)
            for field, value in zip(fields, verdict, strict=True)
        ]
        for verdict in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
