"""When a schedule will be due: worked out by the code that claims, for rows saved or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from beat.claim.due_timers import Readings
from beat.decisions.decide import Planned, decide
from beat.decisions.policy_rules import PolicyRules
from beat.definition import ScheduleRow, Timing, timing_of
from beat.editing.clock_changes import left_out_by_the_clock, note_about_the_clock
from jobs.runs.states import State

# So far the search goes for an occurrence that runs, when all that are shown are skipped.
SEARCHED = 1_000


class Upcoming(NamedTuple):
    """An instant at which a schedule is due, or would be but for a pause, calendar or clock.

    `why` says why it is skipped; `note` what the clock does to one that runs.
    """

    due_at: datetime
    is_skipped: bool = False
    why: str = ""
    note: str = ""


@dataclass(frozen=True)
class TimerFacts:
    """What a saved schedule's timer says: from where an interval counts, and what is due next."""

    anchor_at: datetime | None = None
    due_at: datetime | None = None


NO_TIMER = TimerFacts()
NOTHING_BY_HAND: Mapping[datetime, str] = {}


def upcoming_of(
    row: ScheduleRow,
    now: datetime,
    count: int,
    timer: TimerFacts = NO_TIMER,
    by_hand: Mapping[datetime, str] = NOTHING_BY_HAND,
) -> list[Upcoming]:
    """Return the next `count` instants (UTC), and the first one that runs if none of them does.

    `by_hand` holds the instants that somebody has skipped, and why. An interval without a timer
    counts from now. Raises BrokenScheduleError for a row that beat would set aside.
    """
    planned = all_upcoming(row, now, timer, by_hand)
    shown = list(islice(planned, count))
    if shown and all(each.is_skipped for each in shown) and _may_run(row):
        shown.extend(islice((each for each in islice(planned, SEARCHED) if not each.is_skipped), 1))
    return shown


def all_upcoming(
    row: ScheduleRow,
    now: datetime,
    timer: TimerFacts = NO_TIMER,
    by_hand: Mapping[datetime, str] = NOTHING_BY_HAND,
) -> Iterator[Upcoming]:
    """Yield what is due after `now` in order; endless for most rules."""
    timing = timing_of(row, timer.anchor_at or now)
    rules = Readings({row.id: row}, now).rules(row)
    before = now
    for due_at in _instants(timing, now, timer.due_at):
        for left_out, why in left_out_by_the_clock(timing.rule, before, due_at):
            if timing.starts_at is None or left_out >= timing.starts_at:
                yield Upcoming(left_out, is_skipped=True, why=why)
        yield _decided(timing, rules, due_at, by_hand)
        before = due_at


def _instants(timing: Timing, now: datetime, due_at: datetime | None) -> Iterator[datetime]:
    due = timing.next(now) if due_at is None else due_at
    while due is not None:
        yield due
        # One-offs are over after their one occurrence, whatever became of it.
        due = None if timing.one_off else timing.next(due)


def _decided(
    timing: Timing, rules: PolicyRules, due_at: datetime, by_hand: Mapping[datetime, str]
) -> Upcoming:
    """Return what a beat that claims in time makes of an occurrence."""
    if due_at in by_hand:
        return Upcoming(due_at, is_skipped=True, why=by_hand[due_at])
    for run in decide(timing, rules, due_at, due_at).runs:
        if run.state is not State.PENDING:
            return Upcoming(due_at, is_skipped=True, why=_why(rules, run, due_at))
    return Upcoming(due_at, note=note_about_the_clock(timing.rule, due_at))


def _why(rules: PolicyRules, run: Planned, due_at: datetime) -> str:
    """Return why it will be skipped; the ledger's own sentence tells it afterwards."""
    if run.reason == "calendar":
        return f"Not due by its calendar: {rules.why_excluded(due_at)}."
    if run.reason == "paused":
        return f"Paused: {rules.pause_reason}." if rules.pause_reason else "Paused."
    return run.reason_text


def _may_run(row: ScheduleRow) -> bool:
    return not row.is_paused or row.paused_until is not None
