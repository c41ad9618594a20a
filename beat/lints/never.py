"""Schedules that are switched on and never run."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from beat.definition import ScheduleRow
from beat.lints.lint import Lint
from beat.models import Timer

NOT_DUE = Q(timer__is_stale=False, timer__due_at__isnull=True)


def suspects(_now: datetime) -> Q:
    """Return that a schedule is on and its timer names no instant."""
    return Q(enabled=True) & NOT_DUE


def judge(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return why each of them is never due."""
    timers = Timer.objects.filter(
        schedule__in=[row.id for row in rows if row.enabled], is_stale=False, due_at=None
    ).in_bulk()
    return {row.id: why_never(row, timers[row.id], now) for row in rows if row.id in timers}


def why_never(row: ScheduleRow, timer: Timer, now: datetime) -> str:
    """Return why a schedule that is on has no next instant, and what to do."""
    if timer.set_aside_reason:
        return timer.set_aside_text or timer.set_aside_reason
    if row.expires is not None and row.expires <= now:
        return (
            f"Its end has passed, on {_date(row.expires)}. Give it a later end, or switch it off."
        )
    if row.clocked_time is not None and row.clocked_time <= now:
        return f"Its time has passed, on {_date(row.clocked_time)}. Give it another, or delete it."
    if row.expires is not None:
        return f"It is not due before its end, on {_date(row.expires)}. Give it a later end."
    return "It is not due any more. Change when it is due, or switch it off."


def _date(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "SHORT_DATETIME_FORMAT")


LINT = Lint(
    key="never",
    title="Never due",
    meaning="Switched on, and there is no instant at which it would run.",
    suspects=suspects,
    judge=judge,
)
