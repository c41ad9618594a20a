"""What becomes of a due timer, decided without a database or a clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beat.decisions.decide import EXAMINED, GRACE, MOST_COUNTED, Planned, decide
from beat.decisions.policy_rules import PolicyRules
from beat.definition import Timing
from beat.occurrences.clocked import clocked
from beat.occurrences.crontab import crontab
from beat.occurrences.interval import interval
from beat.occurrences.rules import Rule
from jobs.runs.states import State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVERY_MINUTE = interval(1, "minutes", NOON)
RULES = PolicyRules(schedule_id=7)


def timing(rule: Rule = EVERY_MINUTE, **changes: Any) -> Timing:
    """Return a timing without bounds."""
    unbound = Timing(rule=rule, text="", starts_at=None, expires_at=None, one_off=False)
    return replace(unbound, **changes)


def policy(**changes: Any) -> PolicyRules:
    """Return the default policy with some changes."""
    return replace(RULES, **changes)


def summary(rows: tuple[Planned, ...]) -> list[tuple[str, float, int]]:
    """Return state, minutes after noon, and count of each row."""
    return [(row.state.value, (row.due_at - NOON) / MINUTE, row.missed_count) for row in rows]


def test_what_is_not_due_yet_stays_as_it_is() -> None:
    decision = decide(timing(), RULES, NOON + HOUR, NOON)
    assert (decision.runs, decision.next_due_at, decision.is_done) == ((), NOON + HOUR, False)


@pytest.mark.parametrize("catch_up", ["latest", "all", "none"])
def test_one_occurrence_that_is_due_runs_whatever_the_policy(catch_up: str) -> None:
    rules = policy(catch_up=catch_up, catch_up_window=timedelta(0))
    for late in (timedelta(0), SECOND, GRACE - SECOND):
        decision = decide(timing(), rules, NOON, NOON + late)
        assert summary(decision.runs) == [("pending", 0, 0)]
        assert decision.next_due_at == NOON + MINUTE
        assert decision.runs[0].publish_at in (NOON, NOON + late)


def test_five_minutes_off_with_latest_run_the_newest_and_record_the_older_ones_once() -> None:
    decision = decide(timing(), RULES, NOON, NOON + 5 * MINUTE + SECOND)
    assert summary(decision.runs) == [("missed", 0, 5), ("pending", 5, 0)]
    missed, run = decision.runs
    assert missed.missed_until == NOON + 4 * MINUTE
    assert (missed.reason, run.reason) == ("missed", "")
    assert "5 occurrences were missed" in missed.reason_text
    assert decision.next_due_at == NOON + 6 * MINUTE


def test_five_minutes_off_with_all_run_each_at_its_pace_oldest_first() -> None:
    now = NOON + 5 * MINUTE + SECOND
    decision = decide(timing(), policy(catch_up="all", catch_up_pace=10 * SECOND), NOON, now)
    assert summary(decision.runs) == [("pending", minute, 0) for minute in range(6)]
    assert [row.publish_at - now for row in decision.runs] == [n * 10 * SECOND for n in range(6)]


def test_five_minutes_off_with_none_record_all_but_what_is_young() -> None:
    decision = decide(timing(), policy(catch_up="none"), NOON, NOON + 5 * MINUTE + SECOND)
    assert summary(decision.runs) == [("missed", 0, 5), ("pending", 5, 0)]
    hourly = timing(interval(1, "hours", NOON))
    decision = decide(hourly, policy(catch_up="none"), NOON, NOON + 2 * HOUR + 5 * MINUTE)
    assert summary(decision.runs) == [("missed", 0, 3)]


def test_all_is_limited_to_the_newest_and_the_rest_is_one_row() -> None:
    decision = decide(timing(), policy(catch_up="all", catch_up_limit=2), NOON, NOON + 5 * MINUTE)
    assert summary(decision.runs) == [("missed", 0, 4), ("pending", 4, 0), ("pending", 5, 0)]
    assert decision.runs[0].missed_until == NOON + 3 * MINUTE


def test_a_limit_of_no_runs_misses_all() -> None:
    rules = policy(catch_up="all", catch_up_limit=0)
    assert summary(decide(timing(), rules, NOON, NOON + 5 * MINUTE).runs) == [("missed", 0, 6)]


@pytest.mark.parametrize("catch_up", ["latest", "all"])
def test_what_is_older_than_the_window_does_not_run(catch_up: str) -> None:
    hourly = timing(interval(1, "hours", NOON))
    rules = policy(catch_up=catch_up, catch_up_window=HOUR)
    late = decide(hourly, rules, NOON, NOON + 2 * HOUR + 5 * MINUTE)
    assert summary(late.runs) == [("missed", 0, 2), ("pending", 120, 0)]
    daily = timing(interval(1, "days", NOON))
    assert summary(decide(daily, rules, NOON, NOON + HOUR + SECOND).runs) == [("missed", 0, 1)]
    assert summary(decide(daily, rules, NOON, NOON + HOUR).runs) == [("pending", 0, 0)]


def test_what_is_not_late_runs_however_short_the_window() -> None:
    every_second = timing(interval(1, "seconds", NOON))
    rules = policy(catch_up_window=timedelta(0))
    runs = decide(every_second, rules, NOON, NOON + timedelta(seconds=1.5)).runs
    assert [row.state for row in runs] == [State.MISSED, State.PENDING]


def test_a_late_run_is_published_now_and_is_still_about_its_own_instant() -> None:
    daily = timing(interval(1, "days", NOON))
    [run] = decide(daily, RULES, NOON, NOON + HOUR).runs
    assert (run.due_at, run.publish_at) == (NOON, NOON + HOUR)


def test_a_pause_is_one_row_and_what_follows_it_is_caught_up() -> None:
    rules = policy(is_paused=True, paused_until=NOON + 3 * MINUTE, pause_reason="new server")
    decision = decide(timing(), rules, NOON, NOON + 5 * MINUTE + SECOND)
    assert summary(decision.runs) == [("skipped", 0, 3), ("missed", 3, 2), ("pending", 5, 0)]
    paused = decision.runs[0]
    assert (paused.reason, paused.missed_until) == ("paused", NOON + 2 * MINUTE)
    assert "new server" in paused.reason_text


def test_a_pause_without_an_end_takes_all() -> None:
    rules = policy(is_paused=True)
    assert summary(decide(timing(), rules, NOON, NOON + SECOND).runs) == [("skipped", 0, 1)]
    later = decide(timing(), rules, NOON, NOON + 5 * MINUTE)
    assert summary(later.runs) == [("skipped", 0, 6)]
    assert later.next_due_at == NOON + 6 * MINUTE


def test_a_pause_that_is_over_takes_nothing() -> None:
    rules = policy(is_paused=True, paused_until=NOON)
    assert summary(decide(timing(), rules, NOON, NOON).runs) == [("pending", 0, 0)]


def test_the_text_of_a_pause_stays_the_same_all_through_it() -> None:
    rules = policy(is_paused=True, paused_until=NOON + HOUR)
    texts = {
        decide(timing(), rules, NOON + n * MINUTE, NOON + n * MINUTE).runs[0].reason_text
        for n in range(5)
    }
    assert len(texts) == 1


def test_a_calendar_makes_one_row_for_each_span_that_it_excludes() -> None:
    def excludes(instant: datetime) -> str:
        return "closed" if 1 <= (instant - NOON) / MINUTE <= 3 else ""

    rules = policy(excludes=excludes, catch_up="all")
    decision = decide(timing(), rules, NOON, NOON + 5 * MINUTE)
    assert summary(decision.runs) == [
        ("pending", 0, 0),
        ("skipped", 1, 3),
        ("pending", 4, 0),
        ("pending", 5, 0),
    ]
    closed = decision.runs[1]
    assert (closed.reason, closed.missed_until) == ("calendar", NOON + 3 * MINUTE)
    assert "closed" in closed.reason_text


def test_latest_runs_the_newest_that_the_calendar_allows() -> None:
    rules = policy(excludes=lambda instant: "closed" if instant > NOON + MINUTE else "")
    decision = decide(timing(), rules, NOON, NOON + 3 * MINUTE)
    assert summary(decision.runs) == [("missed", 0, 1), ("pending", 1, 0), ("skipped", 2, 2)]


def test_one_excluded_occurrence_is_skipped_at_once() -> None:
    decision = decide(timing(), policy(excludes=lambda _at: "Christmas Day"), NOON, NOON)
    assert summary(decision.runs) == [("skipped", 0, 1)]
    assert decision.next_due_at == NOON + MINUTE


def test_a_long_exclusion_is_looked_at_within_bounds() -> None:
    every_second = timing(interval(1, "seconds", NOON))
    rules = policy(excludes=lambda _at: "closed")
    decision = decide(every_second, rules, NOON, NOON + DAY)
    assert [row.state for row in decision.runs] == [State.MISSED, State.SKIPPED]
    missed, skipped = decision.runs
    assert (missed.missed_count, skipped.missed_count) == (86_401 - EXAMINED, EXAMINED)
    assert missed.missed_until == skipped.due_at - SECOND


def test_a_one_off_is_done_after_one_occurrence_however_late() -> None:
    once = timing(one_off=True)
    for now, state in ((NOON, "pending"), (NOON + HOUR, "pending"), (NOON + 2 * DAY, "missed")):
        decision = decide(once, RULES, NOON, now)
        assert [row.state for row in decision.runs] == [state]
        assert (decision.next_due_at, decision.is_done) == (None, True)
    skipped = decide(once, policy(is_paused=True), NOON, NOON)
    assert (skipped.runs[0].state, skipped.is_done) == ("skipped", True)


def test_a_clocked_schedule_is_due_once() -> None:
    decision = decide(timing(clocked(NOON), one_off=True), RULES, NOON, NOON)
    assert summary(decision.runs) == [("pending", 0, 0)]
    assert (decision.next_due_at, decision.is_done) == (None, True)


def test_nothing_is_due_at_or_after_the_end() -> None:
    ending = timing(expires_at=NOON + 3 * MINUTE)
    decision = decide(ending, policy(catch_up="all"), NOON, NOON + HOUR)
    assert summary(decision.runs) == [("pending", minute, 0) for minute in range(3)]
    assert (decision.next_due_at, decision.is_done) == (None, False)
    last = decide(ending, RULES, NOON + 2 * MINUTE, NOON + 2 * MINUTE)
    assert summary(last.runs) == [("pending", 2, 0)]
    assert last.next_due_at is None
    assert decide(ending, RULES, NOON + 3 * MINUTE, NOON + HOUR).runs == ()


def test_nothing_is_due_before_the_start() -> None:
    starting = timing(interval(1, "minutes", NOON, includes_anchor=True), starts_at=NOON)
    decision = decide(starting, RULES, NOON - HOUR, NOON + HOUR)
    assert (decision.runs, decision.next_due_at) == ((), NOON)


def test_jitter_is_within_its_bound_and_the_same_for_everyone() -> None:
    rules = policy(jitter_seconds=30)
    waits = [rules.jitter(NOON + n * MINUTE) for n in range(200)]
    assert all(timedelta(0) <= wait <= 30 * SECOND for wait in waits)
    assert max(waits) - min(waits) > 20 * SECOND
    # A value written down: another process or version must not come to another one.
    assert rules.jitter(NOON) == timedelta(milliseconds=1_945)
    berlin = NOON.astimezone(crontab("* * * * *", "Europe/Berlin").zone)
    assert rules.jitter(berlin) == rules.jitter(NOON)
    [run] = decide(timing(), rules, NOON, NOON).runs
    assert (run.due_at, run.publish_at) == (NOON, NOON + rules.jitter(NOON))


def test_ten_years_of_microseconds_are_decided_without_walking_through_them() -> None:
    # Walking through the span would take days.
    rule = interval(1, "microseconds", NOON - 3653 * DAY)
    for catch_up in ("latest", "all", "none"):
        decision = decide(timing(rule), policy(catch_up=catch_up), NOON - 3652 * DAY, NOON)
        assert len(decision.runs) <= 101
        assert decision.runs[0].missed_count == MOST_COUNTED
        assert decision.runs[-1].due_at == NOON
    paused = decide(timing(rule), policy(is_paused=True), NOON - 3652 * DAY, NOON)
    assert paused.runs[0].missed_until == NOON
