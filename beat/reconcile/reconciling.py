"""Brings stale timers in line with their schedules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from beat.audit.by_beat import SetAside, record_set_aside
from beat.calendars.rows import calendar_exclusions
from beat.definition import BrokenScheduleError, ScheduleRow, schedule_rows
from beat.models import Timer
from beat.reconcile.renewal import TimerRow, renewed

WRITE_ON_POSTGRESQL = """
    UPDATE beat_timer AS timer
    SET due_at = new.due_at, anchor_at = new.anchor_at, definition = new.definition,
        is_stale = FALSE, set_aside_reason = new.reason, set_aside_text = new.sentence
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[],
        %s::text[]) AS new (schedule_id, due_at, anchor_at, definition, reason, sentence)
    WHERE timer.schedule_id = new.schedule_id
"""
WRITE_ON_SQLITE = """
    UPDATE beat_timer
    SET due_at = %s, anchor_at = %s, definition = %s,
        is_stale = FALSE, set_aside_reason = %s, set_aside_text = %s
    WHERE schedule_id = %s
"""


def reconcile(now: datetime, limit: int = 1000) -> int:
    """Compute at most `limit` stale timers from their schedules; return how many.

    Any number of beats may run it at the same time. Timers are locked before their schedules are
    read: the trigger of an edit waits for the lock and marks the timer again, so that none is
    lost. Timers that an editor's open transaction has marked are left to a later call.
    """
    with transaction.atomic():
        timers = _lock_stale(limit)
        rows = schedule_rows([timer.schedule_id for timer in timers])
        fresh = _all_renewed(timers, rows, now)
        _write(fresh)
        record_set_aside(
            [
                SetAside(old.schedule_id, old.set_aside_text, new.set_aside_text)
                for old, new in zip(timers, fresh, strict=True)
            ]
        )
    return len(timers)


def _all_renewed(
    timers: Sequence[TimerRow], rows: dict[int, ScheduleRow], now: datetime
) -> list[TimerRow]:
    calendars = calendar_exclusions({row.calendar_id for row in rows.values() if row.calendar_id})
    problems: dict[int | None, BrokenScheduleError] = {
        calendar_id: problem
        for calendar_id, problem in calendars.items()
        if isinstance(problem, BrokenScheduleError)
    }
    found = [(timer, rows.get(timer.schedule_id)) for timer in timers]
    return [
        renewed(timer, row, now, problems.get(row.calendar_id) if row else None)
        for timer, row in found
    ]


def _lock_stale(limit: int) -> list[TimerRow]:
    stale = Timer.objects.filter(is_stale=True).select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    )
    return _timer_rows(stale.order_by("schedule_id")[:limit])


def _timer_rows(timers: Any) -> list[TimerRow]:
    return [TimerRow(*values) for values in timers.values_list(*TimerRow._fields)]


def _write(timers: Sequence[TimerRow]) -> None:
    if not timers:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                WRITE_ON_POSTGRESQL, [list(column) for column in zip(*timers, strict=True)]
            )
        else:
            cursor.executemany(WRITE_ON_SQLITE, [_sqlite_values(timer) for timer in timers])


def _sqlite_values(timer: TimerRow) -> tuple[Any, ...]:
    instants = map(connection.ops.adapt_datetimefield_value, (timer.due_at, timer.anchor_at))
    texts = (timer.definition, timer.set_aside_reason, timer.set_aside_text)
    return (*instants, *texts, timer.schedule_id)
