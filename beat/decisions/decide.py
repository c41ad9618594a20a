"""What becomes of a due timer: which of its occurrences run, and which are recorded only.

Pure: no database, and `now` is an argument. However far a timer lags behind, the cost and the
number of rows stay small: the rule counts the occurrences, and only the newest are looked at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from beat.decisions import sentences
from beat.decisions.newest import RESOLUTION, newest
from beat.decisions.policy_rules import PolicyRules
from beat.occurrences.rules import Rule
from jobs.runs.states import State

if TYPE_CHECKING:
    # Reading definitions needs Django; deciding what they mean does not.
    from beat.definition import Timing

# One occurrence alone and younger than this is ordinary lateness, not a gap to catch up with.
GRACE = timedelta(seconds=60)
# So many of the newest occurrences are looked at one by one, and at most so many run.
# Weakness: with a calendar, an older one counts as missed even where the calendar excludes it.
EXAMINED = 5_000
# The largest count that the ledger's column holds.
MOST_COUNTED = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Planned:
    """A row to be of the ledger: one occurrence that runs, or a span of them that does not."""

    due_at: datetime
    publish_at: datetime
    state: State = State.PENDING
    reason: str = ""
    reason_text: str = ""
    missed_count: int = 0
    missed_until: datetime | None = None
    # One of a gap whose occurrences all run, one after the other.
    waits_its_turn: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Rows by due_at, when the timer is due next (None: never), and whether a one-off is done."""

    runs: tuple[Planned, ...]
    next_due_at: datetime | None
    is_done: bool = False


def decide(timing: "Timing", rules: PolicyRules, due_at: datetime, now: datetime) -> Decision:
    """Return what becomes of the occurrences from `due_at` (one itself) up to and including `now`.

    A clock that was set back finds nothing due, since `due_at` only ever moves forward.
    """
    if due_at > now:
        return Decision((), due_at)
    if timing.expires_at is not None and due_at >= timing.expires_at:
        return Decision((), None)
    if timing.starts_at is not None and due_at < timing.starts_at:
        return Decision((), _next(timing, timing.starts_at - RESOLUTION))
    if timing.one_off:
        return Decision(_alone(timing.rule, rules, due_at, now), None, is_done=True)
    following = _next(timing, due_at)
    if following is None or following > now:
        return Decision(_alone(timing.rule, rules, due_at, now), following)
    until = now if timing.expires_at is None else min(now, timing.expires_at - RESOLUTION)
    return Decision(_caught_up(timing.rule, rules, due_at, until, now), _next(timing, now))


def _next(timing: "Timing", after: datetime) -> datetime | None:
    due_at = timing.rule.next(after)
    if due_at is None or (timing.expires_at is not None and due_at >= timing.expires_at):
        return None
    return due_at


def _alone(rule: Rule, rules: PolicyRules, due_at: datetime, now: datetime) -> tuple[Planned, ...]:
    is_young = now - due_at < GRACE
    if is_young and not rules.is_paused and rules.excludes is None:
        return (Planned(due_at, due_at + rules.jitter(due_at)),)
    if is_young and not rules.pauses(due_at) and not rules.why_excluded(due_at):
        return (Planned(due_at, due_at + rules.jitter(due_at)),)
    return _caught_up(rule, rules, due_at, due_at, now)


def _caught_up(
    rule: Rule, rules: PolicyRules, first: datetime, until: datetime, now: datetime
) -> tuple[Planned, ...]:
    """Return the rows of the occurrences from `first` up to and including `until`."""
    paused, first_open = _paused(rule, rules, first, until)
    if first_open is None or first_open > until:
        return paused
    tail = newest(rule, first_open, until, _tail_length(rules))
    whys = [rules.why_excluded(instant) for instant in tail]
    kept = [instant for instant, why in zip(tail, whys, strict=True) if not why]
    chosen = _chosen(rules, kept, now)
    missed = _missed(rule, rules, first_open, tail, kept[: len(kept) - len(chosen)])
    rows = [*paused, *_excluded(tail, whys), *missed, *_running(rules, chosen, now)]
    return tuple(sorted(rows, key=lambda row: row.due_at))


def _paused(
    rule: Rule, rules: PolicyRules, first: datetime, until: datetime
) -> tuple[tuple[Planned, ...], datetime | None]:
    """Return the row of the occurrences within the pause, and the first one after it."""
    if not rules.pauses(first):
        return (), first
    end = until if rules.paused_until is None else min(until, rules.paused_until - RESOLUTION)
    [last] = newest(rule, first, end, 1)
    count = 1 + rule.count_between(first, last)
    text = sentences.paused(rules)
    row = _span(State.SKIPPED, "paused", text, first, last, count)
    return (row,), rule.next(last) if last < until else None


def _tail_length(rules: PolicyRules) -> int:
    """Return how many occurrences may matter: all that may run, and the last one missed."""
    if rules.excludes is not None:
        return EXAMINED
    return 1 + _most_runs(rules)


def _most_runs(rules: PolicyRules) -> int:
    return 1 if rules.catch_up == "latest" else min(rules.catch_up_limit, EXAMINED)


def _chosen(rules: PolicyRules, kept: list[datetime], now: datetime) -> list[datetime]:
    """Return the newest occurrences that may still run, oldest first."""
    if rules.catch_up == "none":
        young = [instant for instant in kept if now - instant < GRACE]
    else:
        # What runs when it is late alone runs here too, however short the window.
        window = max(rules.catch_up_window, GRACE)
        young = [instant for instant in kept if now - instant <= window]
    return young[max(0, len(young) - _most_runs(rules)) :]


def _running(rules: PolicyRules, chosen: list[datetime], now: datetime) -> list[Planned]:
    """Return the runs: what is late spread from now on, with the jitter of the newest."""
    if rules.catch_up == "all" and chosen:
        begin = now + rules.jitter(chosen[-1])
        return [
            Planned(at, begin + n * rules.catch_up_pace, waits_its_turn=True)
            for n, at in enumerate(chosen)
        ]
    return [Planned(at, (at if now - at < GRACE else now) + rules.jitter(at)) for at in chosen]


def _missed(
    rule: Rule, rules: PolicyRules, first: datetime, tail: list[datetime], missed: list[datetime]
) -> list[Planned]:
    """Return the one row of what does not run any more: all before `tail`, and `missed` of it."""
    older = rule.count_between(first, tail[0])
    if not older and not missed:
        return []
    start = first if older else missed[0]
    end = missed[-1] if missed else newest(rule, first, tail[0] - RESOLUTION, 1)[0]
    count = older + len(missed)
    text = sentences.missed(rules, count, start, end)
    return [_span(State.MISSED, "missed", text, start, end, count)]


def _excluded(tail: list[datetime], whys: list[str]) -> list[Planned]:
    """Return one row for each unbroken sequence of occurrences that one entry excludes."""
    rows = []
    for why, group in groupby(zip(tail, whys, strict=True), lambda pair: pair[1]):
        if why:
            span = [instant for instant, _why in group]
            text = sentences.excluded(why)
            rows.append(_span(State.SKIPPED, "calendar", text, span[0], span[-1], len(span)))
    return rows


def _span(
    state: State, reason: str, text: str, first: datetime, last: datetime, count: int
) -> Planned:
    return Planned(first, first, state, reason, text, min(count, MOST_COUNTED), last)
