"""What a stale timer becomes: pure decisions, with `now` as an argument."""

from datetime import datetime
from typing import NamedTuple

import structlog

from beat.definition import (
    BrokenScheduleError,
    ScheduleRow,
    Timing,
    anchor_of,
    timing_of,
    timing_text,
    work_of,
)

logger = structlog.get_logger(__name__)

LONGEST_TEXT = 500


class TimerRow(NamedTuple):
    """The values of a timer that reconcile reads and writes."""

    schedule_id: int
    due_at: datetime | None = None
    anchor_at: datetime | None = None
    definition: str = ""
    set_aside_reason: str = ""
    set_aside_text: str = ""


def renewed(
    timer: TimerRow,
    row: ScheduleRow | None,
    now: datetime,
    calendar_problem: BrokenScheduleError | None = None,
) -> TimerRow:
    """Return the timer as its schedule asks for; never raises.

    `calendar_problem` is what is wrong with the calendar that its policy uses, `row` is None for a
    schedule that cannot be read. A broken schedule's timer is set aside with the reason, and so is
    one that meets an error of ours: no schedule stops the others.
    """
    if row is None:
        return _set_aside(
            timer,
            "unreadable",
            "A value of the schedule cannot be read, such as a date beyond the year 9999. "
            "Write its dates and its rule again.",
        )
    try:
        return _computed(timer, row, now, calendar_problem)
    except BrokenScheduleError as problem:
        known = timer._replace(definition=timing_text(row), anchor_at=_anchor(timer, row, now))
        return _set_aside(known, problem.reason, problem.text)
    except Exception as problem:
        logger.exception("A schedule met an error of the scheduler.", schedule=row.id)
        return _set_aside(
            timer,
            "unexpected",
            f"The scheduler could not compute the schedule ({problem!r}). "
            "Write its values again, and report the traceback in beat's log.",
        )


def is_due_too_late(due_at: datetime, row: ScheduleRow, anchor_at: datetime, now: datetime) -> bool:
    """Tell whether an occurrence comes before `due_at`, as after a clock that ran ahead."""
    next_at = timing_of(row, anchor_at).next(now)
    return next_at is not None and next_at < due_at


def _computed(
    timer: TimerRow,
    row: ScheduleRow,
    now: datetime,
    calendar_problem: BrokenScheduleError | None,
) -> TimerRow:
    anchor_at = _anchor(timer, row, now)
    fresh = TimerRow(row.id, None, anchor_at, timing_text(row))
    if not row.enabled:
        return fresh
    work_of(row)
    if calendar_problem is not None:
        raise calendar_problem
    timing = timing_of(row, anchor_at)
    if timer.definition == fresh.definition and not timer.set_aside_reason:
        return fresh._replace(due_at=_kept(timer.due_at, timing, now))
    due_at = timing.next(now)
    if due_at is None:
        raise BrokenScheduleError("never_due", why_never(timing, row))
    return fresh._replace(due_at=due_at)


def _kept(due_at: datetime | None, timing: Timing, now: datetime) -> datetime | None:
    """Return the due instant of before, unless an occurrence comes earlier (a clock ran ahead)."""
    if due_at is None or due_at <= now:
        return due_at
    return min(due_at, timing.next(now) or due_at)


def _anchor(timer: TimerRow, row: ScheduleRow, now: datetime) -> datetime | None:
    old_rule_text = timer.definition.partition("\n")[0]
    return anchor_of(row, old_rule_text, timer.anchor_at, now)


def why_never(timing: Timing, row: ScheduleRow) -> str:
    """Return why a schedule without a next instant has none, and what to do."""
    if row.clocked_time is not None:
        return (
            f"The schedule's time, {row.clocked_time:%Y-%m-%d %H:%M:%S} UTC, was over when it was "
            "switched on or changed. Choose a later time."
        )
    if timing.expires_at is not None:
        return (
            f"The schedule expires at {timing.expires_at:%Y-%m-%d %H:%M:%S} UTC, before it is due. "
            "Choose a later expiry, or none."
        )
    return "The schedule's rule has no further instant before the year 10000. Edit the rule."


def _set_aside(timer: TimerRow, reason: str, text: str) -> TimerRow:
    if (timer.set_aside_reason, timer.set_aside_text) != (reason, text[:LONGEST_TEXT]):
        logger.error(
            "A schedule was set aside.", schedule=timer.schedule_id, reason=reason, why=text
        )
    return timer._replace(due_at=None, set_aside_reason=reason, set_aside_text=text[:LONGEST_TEXT])
