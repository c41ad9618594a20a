"""What an edit changes within the next 30 days, and what somebody should confirm.

Pure: two timings with their policies, and `now` as an argument. The cost is bounded: of rules that
are due very often only the numbers are compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from beat.decisions.policy_rules import PolicyRules
from beat.definition import Timing

HORIZON = timedelta(days=30)
INSTANT = timedelta(microseconds=1)
# One rule's occurrences that are looked at one by one: a minute's rule has 43,200 in the horizon.
EXAMINED = 50_000
# So many runs are counted with their calendar; of what runs more often, what is due is compared.
RATED = 5_000
# What is due less often than this within the horizon is compared within a year.
FEW = 5
LONG_HORIZON = timedelta(days=366)
MORE_OFTEN = 10
# So far the search goes for one more occurrence before it says that there is none.
SEARCHED = 2_000


@dataclass(frozen=True)
class Occurrences:
    """When a schedule runs: its timing, and the policy that keeps it from running."""

    timing: Timing
    rules: PolicyRules
    # What tells equal exclusions: the calendar's id, and the pause.
    exclusions: object = None

    def runs_at(self, due_at: datetime) -> bool:
        """Tell whether an occurrence runs; a calendar is what makes this cost something."""
        return not self.rules.pauses(due_at) and not self.rules.why_excluded(due_at)

    def due(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the occurrences after `after` up to `until`, also those that do not run."""
        instants = self.timing.rule.between(*self._bounds(after, until))
        return islice(instants, 1) if self.timing.one_off else iter(instants)

    def count_due(self, after: datetime, until: datetime) -> int:
        """Return how many are due; of an interval at once, however many there are."""
        if self.timing.one_off:
            return len(list(self.due(after, until)))
        return self.timing.rule.count_between(*self._bounds(after, until))

    def count(self, after: datetime, until: datetime, at_most: int) -> int:
        """Return how many run; no more than `at_most` are counted, of the first EXAMINED."""
        due = islice(self.due(after, until), EXAMINED)
        return sum(1 for _ in islice(filter(self.runs_at, due), at_most))

    def _bounds(self, after: datetime, until: datetime) -> tuple[datetime, datetime]:
        timing = self.timing
        first = after if timing.starts_at is None else max(after, timing.starts_at - INSTANT)
        last = until if timing.expires_at is None else min(until, timing.expires_at - INSTANT)
        return first, last


class Changes(NamedTuple):
    """How many are due within the horizon before and after; which runs are added and dropped.

    Without `is_exact` there are too many to tell them one by one, and both are empty.
    """

    before: int
    after: int
    added: tuple[datetime, ...] = ()
    dropped: tuple[datetime, ...] = ()
    is_exact: bool = True


def changes_between(before: Occurrences, after: Occurrences, now: datetime) -> Changes:
    """Return what changes within the next 30 days."""
    until = now + HORIZON
    old, new = (set(islice(each.due(now, until), EXAMINED + 1)) for each in (before, after))
    if max(len(old), len(new)) > EXAMINED:
        counts = (before.count_due(now, until), after.count_due(now, until))
        return Changes(*counts, is_exact=False)
    same = old & new if before.exclusions == after.exclusions else set()
    ran = {due_at for due_at in old - same if before.runs_at(due_at)}
    runs = {due_at for due_at in new - same if after.runs_at(due_at)}
    return Changes(len(old), len(new), tuple(sorted(runs - ran)), tuple(sorted(ran - runs)))


def in_words(found: Changes, zone: ZoneInfo) -> str:
    """Return the changes as a sentence, days by the clock of `zone`."""
    if not found.is_exact:
        return f"In the next 30 days it is due {found.after:,} times instead of {found.before:,}."
    if not found.added and not found.dropped:
        return "In the next 30 days it runs at the same times as before."
    parts = [
        f"{verb} {_runs(len(instants))} ({_days(instants, zone)})"
        for verb, instants in (("adds", found.added), ("drops", found.dropped))
        if instants
    ]
    return f"In the next 30 days this {' and '.join(parts)}."


def question_about(before: Occurrences, after: Occurrences, now: datetime) -> str:
    """Return what somebody should confirm before saving, or ""."""
    if not _runs_after(before, now):
        return ""
    if not _runs_after(after, now):
        return "It would never run again. Save it like this?"
    if after.timing.one_off and not before.timing.one_off:
        return "It would run once more and then never again. Save it like this?"
    old, new = _rates(before, after, now)
    if new > MORE_OFTEN * old:
        return f"It would run {round(new / old):,} times as often as before. Save it like this?"
    return ""


def _rates(before: Occurrences, after: Occurrences, now: datetime) -> tuple[int, int]:
    """Return how often both run, within 30 days; of a rare one within a year. At least 1."""
    until = now + HORIZON
    old = before.count(now, until, RATED)
    if old == RATED:
        return before.count_due(now, until), after.count_due(now, until)
    if old < FEW:
        until = now + LONG_HORIZON
        old = before.count(now, until, RATED)
    return max(old, 1), after.count(now, until, RATED * MORE_OFTEN)


def _runs_after(occurrences: Occurrences, now: datetime) -> bool:
    """Tell whether something runs; a pause is no reason to say that it never does."""
    timing, rules = occurrences.timing, occurrences.rules
    due = timing.next(now)
    for _ in range(SEARCHED):
        if due is None or not rules.why_excluded(due):
            return due is not None
        due = None if timing.one_off else timing.next(due)
    return False


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _days(instants: tuple[datetime, ...], zone: ZoneInfo) -> str:
    """Return the days in words: all of them when they are few."""
    days = list(dict.fromkeys(instant.astimezone(zone).date() for instant in instants))
    told = [f"{day:%a} {day.day} {day:%b}" for day in days]
    if len(told) == 1:
        return f"on {told[0]}"
    if len(told) <= 3:
        return f"on {', '.join(told[:-1])} and {told[-1]}"
    return f"on {len(told)} days from {told[0]} to {told[-1]}"
