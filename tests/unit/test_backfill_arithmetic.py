"""The arithmetic of actions: instants of a span, how long they take, names and sentences."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beat.actions.duplicate import NAME_LENGTH, name_of_copy
from beat.actions.outcome import Outcome, Refusal
from beat.backfills.instants import Span, occurrences
from beat.backfills.planning import seconds_at_this_pace
from beat.claim.due_timers import Readings
from beat.definition import ScheduleRow
from jobs.runs.rehearsal import HEADER, header_of, rehearsal_of

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAILY_IN_BERLIN = ScheduleRow(
    1, "daily", "tests.add", crontab_id=1, minute="30", hour="2", day_of_month="*",
    month_of_year="*", day_of_week="*", timezone="Europe/Berlin",
)  # fmt: skip


def instants(row: ScheduleRow, span: Span, anchor_at: datetime | None = None) -> list[datetime]:
    """Return the instants of the span that no calendar excludes."""
    readings = Readings({row.id: row}, span.before_at)
    return [due_at for due_at, why in occurrences(row, anchor_at, span, readings) if not why]


def hourly(**changes: object) -> ScheduleRow:
    """Return a schedule that is due every hour."""
    row = ScheduleRow(1, "hourly", "tests.add", interval_id=1, every=1, period="hours")
    return row._replace(**changes)  # type: ignore[arg-type]


def test_a_span_holds_its_first_instant_and_not_its_last() -> None:
    found = instants(hourly(), Span(JANUARY, JANUARY + 3 * HOUR), JANUARY)
    assert found == [JANUARY, JANUARY + HOUR, JANUARY + 2 * HOUR]


def test_an_interval_counts_back_beyond_its_anchor_on_the_same_grid() -> None:
    anchor_at = JANUARY + timedelta(days=30, minutes=7)
    found = instants(hourly(), Span(JANUARY, JANUARY + 2 * HOUR), anchor_at)
    assert found == [JANUARY + timedelta(minutes=7), JANUARY + HOUR + timedelta(minutes=7)]


def test_nothing_is_due_before_the_start_or_after_the_expiry() -> None:
    row = hourly(start_time=JANUARY + HOUR, expires=JANUARY + 3 * HOUR)
    found = instants(row, Span(JANUARY, JANUARY + 9 * HOUR))
    assert found == [JANUARY + HOUR, JANUARY + 2 * HOUR]


def test_a_night_when_the_clock_goes_forward_has_its_occurrence_as_when_it_fires() -> None:
    span = Span(datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert instants(DAILY_IN_BERLIN, span) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


@given(hours=st.integers(0, 200), minutes=st.integers(-500, 500))
def test_whatever_the_anchor_a_span_of_n_hours_has_n_occurrences(hours: int, minutes: int) -> None:
    span = Span(JANUARY, JANUARY + hours * HOUR)
    anchor_at = JANUARY + timedelta(minutes=minutes, days=3)
    found = instants(hourly(), span, anchor_at)
    assert len(found) == hours
    assert all((due_at - anchor_at) % HOUR == timedelta() for due_at in found)


@pytest.mark.parametrize(
    ("count", "at_most", "pace_seconds", "run_seconds", "expected"),
    [
        (0, 1, 0, None, 0),
        (10, 1, 0, None, None),
        (10, 1, 60, None, 540),
        (10, 1, 0, 30, 300),
        (10, 2, 0, 30, 165),
        (10, 2, 60, 30, 570),
        (1, 5, 60, 30, 30),
    ],
)
def test_how_long_a_backfill_takes(
    count: int, at_most: int, pace_seconds: int, run_seconds: float | None, expected: float | None
) -> None:
    assert seconds_at_this_pace(count, at_most, pace_seconds, run_seconds) == expected


@given(name=st.text(max_size=NAME_LENGTH), taken=st.integers(0, 5))
def test_the_name_of_a_copy_is_free_and_fits(name: str, taken: int) -> None:
    names: set[str] = set()
    for _ in range(taken + 1):
        found = name_of_copy(name, names)
        assert found not in names
        assert len(found) <= NAME_LENGTH
        names.add(found)


def test_an_outcome_says_how_many_and_the_first_refusals() -> None:
    refused = [Refusal(n, f"S{n}", "No.") for n in range(5)]
    outcome = Outcome("Paused", [8, 9], refused, note="Until it is resumed.")
    assert outcome.sentences() == [
        "Paused: 2 schedules. Until it is resumed.",
        "Refused for 5 schedules. S0: No. S1: No. S2: No.",
    ]
    assert Outcome("Paused", [], refused[:1]).sentences() == ["Refused for S0: No."]
    assert Outcome("Paused", []).sentences() == ["There was nothing to do."]


def test_the_header_of_a_rehearsal_says_who_gets_its_mail() -> None:
    found = rehearsal_of(header_of("anna@example.org")[HEADER])
    assert found is not None
    assert found.mail_to == "anna@example.org"
    assert rehearsal_of(header_of("")[HEADER]) is not None
    assert rehearsal_of(None) is None
