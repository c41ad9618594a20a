"""Where a schedule stands and when it runs next, as the list says it."""

from datetime import UTC, datetime, timedelta

from beat.definition import ScheduleRow
from beat.models import Timer
from beat.schedule_list.states import NextRun, ScheduleState, next_run_of, state_of

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ON = ScheduleRow(id=1, name="Nightly", task="reports.make")


def timer(**values: object) -> Timer:
    """Return a timer that beat has computed."""
    return Timer(**{"schedule_id": 1, "is_stale": False, "due_at": LATER, **values})


def test_a_schedule_that_is_switched_off_is_off_whatever_else_it_is() -> None:
    row = ON._replace(enabled=False, is_paused=True)
    assert state_of(row, timer(set_aside_reason="broken_rule"), NOW) == ScheduleState("off")


def test_what_beat_has_set_aside_says_why() -> None:
    aside = timer(set_aside_reason="broken_rule", set_aside_text="There is no hour 25.")
    state = state_of(ON, aside, NOW)
    assert state == ScheduleState("set-aside", why="There is no hour 25.")
    assert next_run_of(state, aside).words == "not due"


def test_a_pause_says_until_when_and_why_and_ends_by_itself() -> None:
    row = ON._replace(is_paused=True, paused_until=LATER, pause_reason="Stocktaking")
    assert state_of(row, timer(), NOW) == ScheduleState("paused", LATER, "Stocktaking")
    assert state_of(row, timer(), LATER) == ScheduleState("on")


def test_a_schedule_without_a_timer_is_being_worked_out() -> None:
    assert next_run_of(state_of(ON, None, NOW), None).words == "being worked out"
    assert next_run_of(ScheduleState("on"), timer(is_stale=True)).words == "being worked out"


def test_the_next_run_is_the_timers_instant() -> None:
    assert next_run_of(ScheduleState("on"), timer()) == NextRun(LATER)
    assert next_run_of(ScheduleState("on"), timer(due_at=None)).words == "not due any more"


def test_in_a_pause_no_instant_is_shown_at_which_nothing_would_run() -> None:
    for_good = ScheduleState("paused")
    assert next_run_of(for_good, timer()).due_at is None
    for_now = ScheduleState("paused", LATER + timedelta(hours=1))
    assert next_run_of(for_now, timer()) == NextRun(
        words="after the pause, from", from_at=for_now.until
    )
    assert next_run_of(for_now, timer(due_at=for_now.until)) == NextRun(for_now.until)
