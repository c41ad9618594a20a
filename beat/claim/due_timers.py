"""What becomes of each claimed timer: its schedule read, and the decision about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from beat.calendars.rows import Excludes, calendar_exclusions
from beat.claim.remembering_rule import RememberingRule
from beat.decisions.decide import Decision, decide
from beat.decisions.policy_rules import PolicyRules
from beat.definition import (
    BrokenScheduleError,
    ScheduleRow,
    Timing,
    Work,
    schedule_rows,
    timing_of,
    work_of,
)

logger = structlog.get_logger(__name__)

NOTHING = Decision((), None)


class DueTimer(NamedTuple):
    """A timer that is due, as the database has it."""

    schedule_id: int
    due_at: datetime
    anchor_at: datetime | None


@dataclass(frozen=True, slots=True)
class Content:
    """What is copied onto each run of a schedule, its JSON as the text that is stored."""

    work: Work
    args: str
    kwargs: str
    headers: str


class Outcome(NamedTuple):
    """A claimed timer, the decision about it, and what its runs carry (None: it makes none).

    With a `set_aside_reason` the schedule is broken and its timer waits for an edit.
    """

    timer: DueTimer
    decision: Decision
    row: ScheduleRow | None = None
    content: Content | None = None
    set_aside_reason: str = ""
    set_aside_text: str = ""

    @property
    def is_done(self) -> bool:
        """Return whether this was the one occurrence of a one-off schedule."""
        return self.decision.is_done


def judge(timers: Sequence[DueTimer], now: datetime) -> list[Outcome]:
    """Return the outcome of each timer, in their order; a broken schedule harms no other."""
    rows = schedule_rows([timer.schedule_id for timer in timers])
    readings = Readings(rows, now)
    return [_outcome(timer, rows.get(timer.schedule_id), readings) for timer in timers]


class Readings:
    """What many schedules share, worked out once: timings of equal rules, decisions, calendars."""

    def __init__(self, rows: dict[int, ScheduleRow], now: datetime) -> None:
        self._now = now
        self._timings: dict[object, Timing] = {}
        self._decisions: dict[object, Decision] = {}
        self._contents: dict[object, Content] = {}
        used = {row.calendar_id for row in rows.values() if row.calendar_id is not None}
        self._calendars = calendar_exclusions(used)

    def timing(self, row: ScheduleRow, anchor_at: datetime | None) -> Timing:
        """Return the schedule's timing; raises BrokenScheduleError."""
        key = (row[FIRST_OF_TIMING:END_OF_TIMING], row.in_gap, row.repeated, anchor_at)
        timing = self._timings.get(key)
        if timing is None:
            found = timing_of(row, anchor_at)
            timing = self._timings[key] = replace(found, rule=RememberingRule(found.rule))
        return timing

    def content(self, row: ScheduleRow) -> Content:
        """Return what the schedule's runs carry; raises BrokenScheduleError."""
        key = row[FIRST_OF_WORK:END_OF_WORK]
        content = self._contents.get(key)
        if content is None:
            # Checking has read the texts: they are JSON that both databases take as it is.
            content = self._contents[key] = Content(
                work_of(row), row.args or "[]", row.kwargs or "{}", row.headers or "{}"
            )
        return content

    def decision(self, row: ScheduleRow, timer: DueTimer) -> Decision:
        """Return what becomes of the timer's occurrences; raises BrokenScheduleError.

        Schedules of equal rule and policy that are due at the same instant share one, except
        where there is jitter, which tells schedules apart.
        """
        if row.jitter_seconds:
            return self._decided(row, timer)
        key = (row[FIRST_OF_TIMING:], timer.anchor_at, timer.due_at)
        decision = self._decisions.get(key)
        if decision is None:
            decision = self._decisions[key] = self._decided(row, timer)
        return decision

    def _decided(self, row: ScheduleRow, timer: DueTimer) -> Decision:
        timing = self.timing(row, timer.anchor_at)
        return decide(timing, self.rules(row), timer.due_at, self._now)

    def rules(self, row: ScheduleRow) -> PolicyRules:
        """Return the schedule's policy; raises BrokenScheduleError for a broken calendar."""
        return PolicyRules(
            schedule_id=row.id,
            catch_up=row.catch_up,
            catch_up_window=timedelta(seconds=row.catch_up_window_seconds),
            catch_up_limit=row.catch_up_limit,
            catch_up_pace=timedelta(seconds=row.catch_up_pace_seconds),
            jitter_seconds=row.jitter_seconds,
            is_paused=row.is_paused,
            paused_until=row.paused_until,
            pause_reason=row.pause_reason,
            excludes=self._exclusion(row),
        )

    def _exclusion(self, row: ScheduleRow) -> Excludes | None:
        if row.calendar_id is None:
            return None
        excludes = self._calendars[row.calendar_id]
        if isinstance(excludes, BrokenScheduleError):
            raise excludes
        return excludes


# The columns of a schedule from one of these to before the other make its work, and its timing;
# those after its timing are its policy.
FIRST_OF_WORK = ScheduleRow._fields.index("task")
END_OF_WORK = ScheduleRow._fields.index("one_off")
FIRST_OF_TIMING = ScheduleRow._fields.index("expires")
END_OF_TIMING = ScheduleRow._fields.index("overlap")


def _outcome(timer: DueTimer, row: ScheduleRow | None, readings: Readings) -> Outcome:
    try:
        return _judged(timer, row, readings)
    except BrokenScheduleError as problem:
        logger.warning("schedule set aside", schedule=timer.schedule_id, reason=problem.reason)
        return Outcome(timer, NOTHING, None, None, problem.reason, problem.text)
    except Exception as problem:
        logger.exception("schedule set aside for an unexpected error", schedule=timer.schedule_id)
        text = (
            f"The schedule could not be computed ({type(problem).__name__}: {problem}). "
            "Save it again to try once more, and look into beat's log for the cause."
        )
        return Outcome(timer, NOTHING, None, None, "unexpected", text)


def _judged(timer: DueTimer, row: ScheduleRow | None, readings: Readings) -> Outcome:
    if row is None:
        raise BrokenScheduleError(
            "unreadable",
            "The schedule holds a value that cannot be read. Look for a date or number "
            "that was written by SQL, and correct it.",
        )
    if not row.enabled:
        return Outcome(timer, NOTHING)
    return Outcome(timer, readings.decision(row, timer), row, readings.content(row))
