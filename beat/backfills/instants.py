"""The occurrences of a schedule within a span of the past, by the very rules that fire it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beat.claim.due_timers import Readings
from beat.definition import ScheduleRow, Timing, timing_of
from beat.occurrences.interval import Interval
from beat.occurrences.rules import Rule

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """From the first instant (included) to before the second."""

    from_at: datetime
    before_at: datetime


def occurrences(
    row: ScheduleRow, anchor_at: datetime | None, span: Span, readings: Readings
) -> Iterator[tuple[datetime, str]]:
    """Yield the instants of the span, each with why the calendar excludes it ("": it does not).

    In order. Whether the schedule is enabled or paused plays no part. Raises BrokenScheduleError.
    """
    timing = timing_of(row, anchor_at or span.before_at)
    rules = readings.rules(row)
    first, last = _bounds(timing, span)
    instants = _rule_from(timing, row, first).between(first - INSTANT, last - INSTANT)
    for due_at in instants:
        yield due_at, rules.why_excluded(due_at)


def _bounds(timing: Timing, span: Span) -> tuple[datetime, datetime]:
    first, last = span.from_at, span.before_at
    if timing.starts_at is not None:
        first = max(first, timing.starts_at)
    if timing.expires_at is not None:
        last = min(last, timing.expires_at)
    return first, max(first, last)


def _rule_from(timing: Timing, row: ScheduleRow, first: datetime) -> Rule:
    """Return the rule; an interval counts back from its anchor too, unless it has a start."""
    rule = timing.rule
    if not isinstance(rule, Interval) or row.start_time is not None or first > rule.anchor_at:
        return rule
    steps = (rule.anchor_at - first) // rule.every + 1
    return replace(rule, anchor_at=rule.anchor_at - steps * rule.every, first=0)
