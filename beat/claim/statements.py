"""The claim's statements, each for all its rows at once: arrays on PostgreSQL, many on SQLite."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django_celery_beat.models import PeriodicTask

from beat.audit.by_beat import SetAside, record_done, record_set_aside
from beat.claim.due_timers import DueTimer, Outcome
from beat.claim.run_inserts import insert_runs
from beat.decisions.decide import MOST_COUNTED
from beat.definition.rows import is_one_of
from beat.models import Timer
from jobs.runs.array_literals import array_literal
from jobs.runs.states import Kind, State

__all__ = [
    "count_runs",
    "disable_done",
    "extend_last_skipped",
    "insert_runs",
    "lock_due_timers",
    "lock_schedules",
    "move_timers",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SENTENCE_LENGTH = 500

# Instants as whole microseconds: loading a timestamp costs 7 us, and equal ones come by thousands.
# The schedules' keys are locked too. Foreign keys of the new runs are checked at the commit: who
# deletes or renames a schedule holds it then and waits for its timer, and one of both would die of
# the deadlock. So they wait at the schedule, or hold it already and the claim leaves it to later.
LOCK_ON_POSTGRESQL = """
    SELECT timer.schedule_id, (extract(epoch FROM timer.due_at) * 1000000)::bigint,
        (extract(epoch FROM timer.anchor_at) * 1000000)::bigint
    FROM beat_timer AS timer
    JOIN django_celery_beat_periodictask AS schedule ON schedule.id = timer.schedule_id
    WHERE timer.due_at <= %s AND NOT timer.is_stale
    ORDER BY timer.due_at LIMIT %s
    FOR UPDATE OF timer SKIP LOCKED FOR KEY SHARE OF schedule SKIP LOCKED
"""
# The same for some schedules only.
LOCK_SOME_ON_POSTGRESQL = LOCK_ON_POSTGRESQL.replace(
    "WHERE", "WHERE timer.schedule_id = ANY(%s::bigint[]) AND"
)
MOVE_ON_POSTGRESQL = """
    UPDATE beat_timer AS timer SET due_at = new.due_at
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS new (schedule_id, due_at)
    WHERE timer.schedule_id = new.schedule_id
"""
MOVE_ON_SQLITE = "UPDATE beat_timer SET due_at = %s WHERE schedule_id = %s"
# A span of a pause goes on where it is the schedule's last row, and for the same reason.
EXTEND_ON_POSTGRESQL = """
    UPDATE runs_run AS run
    SET missed_count = least(run.missed_count::bigint + new.count, %s), missed_until = new.until
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
        AS new (schedule_id, reason, reason_text, count, until)
    CROSS JOIN LATERAL (
        SELECT id FROM runs_run
        WHERE schedule_id = new.schedule_id AND kind = %s ORDER BY due_at DESC LIMIT 1
    ) AS last
    WHERE run.id = last.id AND run.state = %s
        AND run.reason = new.reason AND run.reason_text = new.reason_text
    RETURNING run.schedule_id
"""
EXTEND_ON_SQLITE = """
    UPDATE runs_run SET missed_count = min(missed_count + %s, %s), missed_until = %s
    WHERE id = (
        SELECT id FROM runs_run
        WHERE schedule_id = %s AND kind = %s ORDER BY due_at DESC LIMIT 1
    ) AND state = %s AND reason = %s AND reason_text = %s
"""
COUNT_ON_POSTGRESQL = """
    UPDATE django_celery_beat_periodictask AS schedule
    SET last_run_at = greatest(schedule.last_run_at, %s),
        total_run_count = schedule.total_run_count + new.count
    FROM unnest(%s::bigint[], %s::bigint[]) AS new (schedule_id, count)
    WHERE schedule.id = new.schedule_id
"""
COUNT_ON_SQLITE = """
    UPDATE django_celery_beat_periodictask
    SET last_run_at = max(coalesce(last_run_at, ''), %s), total_run_count = total_run_count + %s
    WHERE id = %s
"""


def lock_due_timers(
    now: datetime, limit: int, schedule_ids: Collection[int] | None = None
) -> list[DueTimer]:
    """Return the timers due for longest, locked; those that others hold are left out.

    With `schedule_ids` only those of these schedules, at most 5,000.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            if schedule_ids is None:
                cursor.execute(LOCK_ON_POSTGRESQL, [now, limit])
            else:
                cursor.execute(LOCK_SOME_ON_POSTGRESQL, [list(schedule_ids), now, limit])
            return [
                DueTimer(schedule_id, _instant(due), None if anchor is None else _instant(anchor))
                for schedule_id, due, anchor in cursor.fetchall()
            ]
    due = Timer.objects.filter(due_at__lte=now, is_stale=False).order_by("due_at")
    if schedule_ids is not None:
        due = due.filter(pk__in=schedule_ids)
    return [DueTimer(*values) for values in due.values_list(*DueTimer._fields)[:limit]]


@lru_cache(maxsize=4096)
def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def move_timers(outcomes: Sequence[Outcome]) -> None:
    """Set each timer to its next instant, and those of broken schedules aside."""
    rows = [(outcome.timer.schedule_id, outcome.decision.next_due_at) for outcome in outcomes]
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(MOVE_ON_POSTGRESQL, _columns(rows))
        else:
            cursor.executemany(MOVE_ON_SQLITE, [(_stored(due), key) for key, due in rows])
    _set_aside([outcome for outcome in outcomes if outcome.set_aside_reason])


def _set_aside(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        Timer.objects.filter(schedule=outcome.timer.schedule_id).update(
            set_aside_reason=outcome.set_aside_reason,
            set_aside_text=outcome.set_aside_text[:SENTENCE_LENGTH],
        )
    record_set_aside(
        [
            SetAside(outcome.timer.schedule_id, "", outcome.set_aside_text[:SENTENCE_LENGTH])
            for outcome in outcomes
        ]
    )


def extend_last_skipped(outcomes: Sequence[Outcome]) -> set[int]:
    """Let the last skipped row of a schedule take in a span that goes on; return whose did."""
    rows = [
        (outcome.timer.schedule_id, first.reason, first.reason_text, first.missed_count, until)
        for outcome in outcomes
        for first in outcome.decision.runs[:1]
        if first.state is State.SKIPPED and (until := first.missed_until) is not None
    ]
    if not rows:
        return set()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            words = (Kind.SCHEDULED.value, State.SKIPPED.value)
            cursor.execute(EXTEND_ON_POSTGRESQL, (MOST_COUNTED, *_columns(rows), *words))
            return {schedule_id for (schedule_id,) in cursor.fetchall()}
    return _extended_one_by_one(rows)


def _extended_one_by_one(rows: Iterable[tuple[int, str, str, int, datetime]]) -> set[int]:
    extended = set()
    with connection.cursor() as cursor:
        for schedule_id, reason, text, count, until in rows:
            row = (count, MOST_COUNTED, _stored(until), schedule_id)
            states = (Kind.SCHEDULED.value, State.SKIPPED.value)
            cursor.execute(EXTEND_ON_SQLITE, (*row, *states, reason, text))
            if cursor.rowcount == 1:
                extended.add(schedule_id)
    return extended


def lock_schedules(schedule_ids: Collection[int]) -> set[int]:
    """Return those of the schedules whose rows nobody else holds; they are locked now.

    An editor's open transaction must never stop beat, so that nothing is waited for.
    """
    schedules = PeriodicTask.objects.filter(is_one_of(schedule_ids))
    if connection.features.has_select_for_update_skip_locked:
        # Not FOR UPDATE: a foreign key that is checked meanwhile need not wait.
        schedules = schedules.select_for_update(skip_locked=True, no_key=True)
    return set(schedules.values_list("id", flat=True))


def count_runs(counts: dict[int, int], now: datetime) -> None:
    """Set last_run_at and add to total_run_count, and touch nothing else of the schedules."""
    if not counts:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(COUNT_ON_POSTGRESQL, [now, *_columns(list(counts.items()))])
        else:
            rows = [(_stored(now), count, key) for key, count in counts.items()]
            cursor.executemany(COUNT_ON_SQLITE, rows)


def disable_done(schedule_ids: Sequence[int]) -> None:
    """Disable one-offs, but not one that was edited since: its timer is stale or due again."""
    if schedule_ids:
        once = PeriodicTask.objects.filter(id__in=schedule_ids, one_off=True, enabled=True)
        done = once.filter(timer__due_at__isnull=True, timer__is_stale=False)
        ids = list(done.values_list("id", flat=True))
        done.filter(id__in=ids).update(enabled=False)
        record_done(ids)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    return [array_literal(column) for column in zip(*rows, strict=True)]


def _stored(instant: datetime | None) -> Any:
    """Return an instant as SQLite stores it."""
    return connection.ops.adapt_datetimefield_value(instant)
