"""Whether a run is past its retention: a pure decision."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from beat.retention import Candidate, Keeping, is_past, keeping
from jobs.cleanup.registry import Kept
from jobs.runs.states import UNDER_WAY, State

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KEPT = Keeping(age=10 * DAY, failure_age=30 * DAY, at_least=3)


def ended(
    days_ago: float, state: State = State.SUCCEEDED, schedule_id: int | None = 1
) -> Candidate:
    """Return a run that was due and ended so long ago."""
    at = NOW - days_ago * DAY
    return Candidate(uuid4(), schedule_id, state, at, at)


@pytest.mark.parametrize(
    ("state", "days_ago", "goes"),
    [
        (State.SUCCEEDED, 10, False),
        (State.SUCCEEDED, 10.01, True),
        (State.SKIPPED, 10.01, True),
        (State.FAILED, 10.01, False),
        (State.FAILED, 30.01, True),
        (State.LOST, 29, False),
        (State.LOST, 30.01, True),
    ],
)
def test_a_run_goes_when_it_is_too_old_and_a_failure_later(
    state: State, days_ago: float, goes: bool
) -> None:
    assert is_past(ended(days_ago, state), KEPT, NOW, NOW) is goes


@pytest.mark.parametrize("state", UNDER_WAY)
def test_what_has_not_ended_stays_however_old(state: State) -> None:
    assert not is_past(ended(1000, state), KEPT, NOW, NOW)


def test_the_last_ones_of_a_schedule_stay_however_old() -> None:
    oldest_of_last = NOW - 100 * DAY
    assert not is_past(ended(100), KEPT, oldest_of_last, NOW)
    assert is_past(ended(100.01), KEPT, oldest_of_last, NOW)
    assert not is_past(ended(1000), KEPT, None, NOW), "there are fewer than three"


def test_no_last_ones_stay_without_a_schedule_or_where_none_are_asked_for() -> None:
    assert is_past(ended(11, schedule_id=None), KEPT, None, NOW)
    assert is_past(ended(11), Keeping(10 * DAY, 30 * DAY, 0), None, NOW)


@pytest.mark.parametrize(
    ("days", "failure_days", "expected"),
    [
        (None, None, (90, 180)),
        (365, None, (365, 365)),
        (7, None, (7, 180)),
        (None, 5, (90, 5)),
        (0, 0, (0, 0)),
    ],
)
def test_the_settings_fill_what_a_policy_leaves_out(
    days: int | None, failure_days: int | None, expected: tuple[int, int], settings: Settings
) -> None:
    settings.RUN_FAILURE_RETENTION_DAYS = 180
    kept = keeping(days, failure_days, 10, Kept(days=90))
    assert (kept.age.days, kept.failure_age.days, kept.at_least) == (*expected, 10)
