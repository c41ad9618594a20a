"""How fresh a report is, in words."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from jobs.reports.reading.freshness import Copy, Standing, freshness, usual_time
from jobs.reports.reading.moments import clock, day, wait
from jobs.reports.reading.schedules import Making, slug_of
from jobs.runs.last_runs import LastRun
from jobs.runs.states import Kind, State

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Saturday, 06:10 in Berlin.
NOW = datetime(2026, 11, 21, 5, 10, tzinfo=UTC)
DUE = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
YESTERDAY = Copy(DUE - DAY, DUE - DAY + 14 * MINUTE)
NEXT = DUE + DAY


def run(state: State, due_at: datetime = DUE, took: timedelta | None = None) -> LastRun:
    """Return a run of a schedule."""
    finished_at = due_at + took if took else None
    return LastRun(uuid4(), 1, Kind.SCHEDULED, state, due_at, due_at, finished_at, "")


# Three mornings on which it was ready at 06:10, 06:14 and 08:00.
BEFORE = [
    run(State.SUCCEEDED, DUE - days * DAY, took)
    for days, took in ((3, 10 * MINUTE), (2, 14 * MINUTE), (1, 120 * MINUTE))
]


def words(making: Making, copy: Copy | None = YESTERDAY, promise: timedelta | None = None) -> str:
    """Return the sentence at NOW."""
    return freshness([making], copy, promise, NOW, BERLIN).words


def test_a_run_under_way_is_told_with_its_usual_time_and_the_last_copy() -> None:
    running = Making(1, next_due_at=NEXT, runs=[*BEFORE, run(State.RUNNING)])
    found = freshness([running], YESTERDAY, None, NOW, BERLIN)
    assert found.words == (
        "due 06:00, running, usually ready by 06:14; last good copy from yesterday"
    )
    assert found.standing is Standing.MAKING
    assert found.run_id == running.runs[-1].id


def test_a_promise_that_has_passed_is_told_as_late() -> None:
    running = Making(1, next_due_at=NEXT, runs=[run(State.QUEUED)])
    found = freshness([running], YESTERDAY, 3 * MINUTE, NOW, BERLIN)
    assert found.words == (
        "due 06:00, waits to start, late by 7 min; last good copy from yesterday"
    )
    assert found.standing is Standing.LATE
    kept = freshness([running], YESTERDAY, 10 * MINUTE, NOW, BERLIN)
    assert "late" not in kept.words


def test_what_should_have_started_and_has_not_is_told() -> None:
    stuck = Making(1, next_due_at=DUE, runs=BEFORE)
    assert words(stuck).startswith("due 06:00, not started yet, usually ready by 06:14;")


@pytest.mark.parametrize(
    ("state", "told"), [(State.FAILED, "failed"), (State.LOST, "failed"), (State.MISSED, "missed")]
)
def test_an_occurrence_without_a_version_is_told_until_a_newer_copy_is_there(
    state: State, told: str
) -> None:
    making = Making(1, next_due_at=NEXT, runs=[run(state)])
    assert words(making) == (
        f"due 06:00, {told}, next one due tomorrow 06:00; last good copy from yesterday"
    )
    # Somebody had it made by hand, for the same instant.
    assert words(making, Copy(DUE, NOW)) == "next one due tomorrow 06:00"


def test_a_fresh_report_tells_when_the_next_one_comes() -> None:
    making = Making(1, next_due_at=NEXT, runs=[*BEFORE, run(State.SUCCEEDED, took=14 * MINUTE)])
    found = freshness([making], Copy(DUE, NOW), None, NOW, BERLIN)
    assert found.words == "next one due tomorrow 06:00, usually ready by 06:14"
    assert found.standing is Standing.FRESH


@pytest.mark.parametrize(
    ("making", "told"),
    [
        (Making(1, is_on=False), "its schedule is switched off"),
        (Making(1, is_paused=True, next_due_at=DUE), "its schedule is paused"),
        (Making(1, is_set_aside=True), "its schedule is set aside, since it cannot be computed"),
        (Making(1), "nothing more is due"),
    ],
)
def test_a_schedule_that_makes_nothing_says_why(making: Making, told: str) -> None:
    assert words(making) == told


def test_a_report_that_nobody_schedules_says_so() -> None:
    found = freshness([], None, None, NOW, BERLIN)
    assert (found.words, found.standing) == ("no schedule makes it", Standing.IDLE)


def test_of_several_schedules_the_one_under_way_is_told() -> None:
    quiet = Making(1, next_due_at=NOW + MINUTE)
    busy = Making(2, next_due_at=NEXT, runs=[run(State.RUNNING)])
    found = freshness([quiet, busy], None, None, NOW, BERLIN)
    assert found.words == "due 06:00, running; it was never made so far"


def test_a_run_by_hand_is_told_without_its_logical_time_and_is_never_late() -> None:
    by_hand = replace_kind(run(State.RUNNING, DUE - 7 * DAY), Kind.MANUAL)
    found = freshness([Making(1, runs=[by_hand])], YESTERDAY, timedelta(), NOW, BERLIN)
    assert found.words == "asked for, running; last good copy from yesterday"
    assert found.standing is Standing.MAKING


def replace_kind(one: LastRun, kind: Kind) -> LastRun:
    """Return the run as one of another kind."""
    return one._replace(kind=kind)


def test_the_usual_time_is_the_median_of_the_last_twenty_own_runs() -> None:
    old = [run(State.SUCCEEDED, DUE - days * DAY, 60 * MINUTE) for days in range(60, 30, -1)]
    new = [run(State.SUCCEEDED, DUE - days * DAY, days * MINUTE) for days in range(21, 0, -1)]
    others = [
        replace_kind(run(State.SUCCEEDED, DUE - 90 * DAY, 90 * DAY), Kind.MANUAL),
        run(State.FAILED, took=MINUTE),
    ]
    assert usual_time([*old, *new, *others]) == 10.5 * MINUTE
    assert usual_time(others) is None


def test_times_are_those_of_the_readers_zone_also_over_a_clock_change() -> None:
    # The clock goes back on 25 October: 06:00 local is 04:00 and then 05:00 UTC.
    now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    due_at = datetime(2026, 10, 25, 5, 0, tzinfo=UTC)
    found = freshness([Making(1, next_due_at=due_at)], None, None, now, BERLIN)
    assert found.words == "next one due tomorrow 06:00"


def test_moments_are_written_as_people_say_them() -> None:
    now = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 -- a local time, as readers see it
    assert clock(now.replace(hour=6), now) == "06:00"
    assert clock(now - 3 * DAY, now) == "Wednesday 12:00"
    assert [day(now + days * DAY, now) for days in (-40, -1, 0, 1, 60)] == [
        "12 October", "yesterday", "today", "tomorrow", "20 January 2027",
    ]  # fmt: skip
    assert [wait(timedelta(minutes=each)) for each in (0.5, 12, 60, 125, 60 * 24 * 3)] == [
        "under a minute", "12 min", "1 h", "2 h 5 min", "3 days",
    ]  # fmt: skip


def test_a_schedule_names_its_report_by_name_or_first() -> None:
    assert slug_of([], {"report": "sales"}) == slug_of(["sales"], {}) == "sales"
    assert slug_of([], {}) is None
    assert slug_of([7], {"report": None}) is None
