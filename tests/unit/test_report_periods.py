"""The span of time that a report is about."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.reports.periods import (
    Period,
    PeriodRule,
    calendar_week,
    last_days,
    last_hours,
    previous_day,
    previous_month,
    previous_week,
)

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


RULES = {"day": previous_day, "week": previous_week, "month": previous_month}
zones = st.sampled_from(sorted(available_timezones()))
instants = st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def local_days(period: Period) -> list[date]:
    """Return the local days of the period's first and last moments, and of those beside it."""
    moment = timedelta(microseconds=1)
    beside = (period.start_at - moment, period.start_at, period.end_at - moment, period.end_at)
    return [instant.astimezone(ZoneInfo(period.zone)).date() for instant in beside]


@given(due_at=instants, zone=zones)
def test_the_previous_day_is_all_of_one_local_day_and_the_day_before_today(
    due_at: datetime, zone: str
) -> None:
    period = previous_day(zone)(due_at)
    before, first, last, today = local_days(period)
    assert before < first == last < today == due_at.astimezone(ZoneInfo(zone)).date()
    assert period.end_at <= due_at


@given(due_at=instants, zone=zones)
def test_the_previous_week_is_all_of_monday_to_sunday(due_at: datetime, zone: str) -> None:
    period = previous_week(zone)(due_at)
    before, first, last, monday = local_days(period)
    assert (before.isocalendar().week != first.isocalendar().week) and first <= last < monday
    assert first.isocalendar()[:2] == last.isocalendar()[:2]
    assert monday.isocalendar()[:2] == due_at.astimezone(ZoneInfo(zone)).isocalendar()[:2]


@given(due_at=instants, zone=zones)
def test_the_previous_month_is_all_of_one_month(due_at: datetime, zone: str) -> None:
    period = previous_month(zone)(due_at)
    before, first, last, after = local_days(period)
    today = due_at.astimezone(ZoneInfo(zone)).date()
    assert (first.year, first.month) == (last.year, last.month)
    assert before.month != first.month
    assert (after.year, after.month) == (today.year, today.month)


@given(due_at=instants, zone=zones, hours=st.integers(1, 1000))
@example(due_at=datetime(2026, 10, 25, 2, tzinfo=UTC), zone="Europe/Berlin", hours=3)
def test_the_last_hours_are_hours_of_sixty_minutes(due_at: datetime, zone: str, hours: int) -> None:
    local = due_at.astimezone(ZoneInfo(zone))
    period = last_hours(hours, zone)(local)
    # In UTC: on the wall clock the difference would hide a change of the clock.
    start_at, end_at = (one.astimezone(UTC) for one in (period.start_at, period.end_at))
    assert (end_at, end_at - start_at) == (due_at, timedelta(hours=hours))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_periods_that_follow_each_other_leave_nothing_out_over_both_changes_of_the_clock(
    rule: Callable[[str], PeriodRule],
) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    dues = [noon + timedelta(days=number) for number in range(365)]
    periods = dict.fromkeys(rule("Europe/Berlin")(due_at) for due_at in dues)
    assert all(one.end_at == following.start_at for one, following in pairwise(periods))


@pytest.mark.parametrize(
    ("zone", "due_on", "hours", "label"),
    [
        ("Europe/Berlin", date(2026, 3, 30), 23, "29 March 2026"),
        ("Europe/Berlin", date(2026, 10, 26), 25, "25 October 2026"),
        # Midnight did not exist there, struck twice, was skipped with half an hour before it.
        ("America/Sao_Paulo", date(2018, 11, 5), 23, "4 November 2018"),
        ("America/Havana", date(2025, 11, 3), 25, "2 November 2025"),
        ("America/Toronto", date(1919, 3, 31), 23.5, "30 March 1919"),
        # The 30th never was.
        ("Pacific/Apia", date(2011, 12, 31), 24, "29 December 2011"),
    ],
)
def test_the_day_of_a_changed_clock_is_whole(
    zone: str, due_on: date, hours: float, label: str
) -> None:
    noon = datetime.combine(due_on, datetime.min.time(), ZoneInfo(zone)) + timedelta(hours=12)
    period = previous_day(zone)(noon)
    assert period.end_at - period.start_at == timedelta(hours=hours)
    assert period.label == label


def test_a_report_that_runs_late_is_about_its_logical_day() -> None:
    due_at = datetime(2026, 11, 21, 6, tzinfo=ZoneInfo("Europe/Berlin"))
    assert previous_day("Europe/Berlin")(due_at).days == [date(2026, 11, 20)]
