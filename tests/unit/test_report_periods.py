"""The span of time that a report is about."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jobs.reports.periods import Period, calendar_week, last_days

SATURDAY = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_the_last_days_end_at_the_logical_instant() -> None:
    period = last_days(7)(SATURDAY)
    assert (period.start_at, period.end_at) == (SATURDAY - timedelta(days=7), SATURDAY)
    assert period.label == "14 Nov 2026, 09:30 \N{EN DASH} 21 Nov 2026, 09:30"
    assert (period.first_day, period.last_day) == (date(2026, 11, 14), date(2026, 11, 21))


def test_a_calendar_week_is_monday_to_sunday() -> None:
    period = calendar_week()(SATURDAY)
    assert period.label == "16 \N{EN DASH} 22 November 2026"
    assert period.days == [date(2026, 11, 16) + timedelta(days=offset) for offset in range(7)]


def test_a_week_is_the_week_of_its_own_zone() -> None:
    late_sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert calendar_week("UTC")(late_sunday).first_day == date(2026, 11, 16)
    assert calendar_week("Europe/Berlin")(late_sunday).first_day == date(2026, 11, 23)


def test_a_week_in_which_the_clock_changes_still_has_seven_whole_days() -> None:
    period = calendar_week("Europe/Berlin")(datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert period.end_at - period.start_at == timedelta(days=7)  # wall clock, both local
    assert period.end_at.astimezone(UTC) - period.start_at.astimezone(UTC) == timedelta(
        days=7, hours=1
    )
    assert len(period.days) == 7
    assert period.label == "19 \N{EN DASH} 25 October 2026"


@pytest.mark.parametrize(
    ("due_at", "label"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), "28 December 2026 \N{EN DASH} 3 January 2027"),
        (datetime(2026, 10, 1, tzinfo=UTC), "28 September \N{EN DASH} 4 October 2026"),
    ],
)
def test_a_week_over_a_month_or_year_names_both(due_at: datetime, label: str) -> None:
    assert calendar_week()(due_at).label == label


def test_one_day_is_named_once() -> None:
    start = datetime(2026, 11, 21, tzinfo=UTC)
    assert Period(start, start + timedelta(days=1)).label == "21 November 2026"


def test_a_period_without_a_time_zone_or_length_is_refused() -> None:
    naive = datetime(2026, 11, 21)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        Period(naive, naive)
    with pytest.raises(ValueError, match="end after it starts"):
        Period(SATURDAY, SATURDAY)
