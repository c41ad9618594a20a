"""The version about a day that a reader picks, and what of a library they look for."""

from datetime import UTC, date, datetime, timedelta

import pytest

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
from jobs.reports.reading.days import Days, Unit, days_of, days_with, days_written
from jobs.reports.reading.entries import (
    FAVOURITES,
    PAGE_SIZE,
    UNREAD,
    Entry,
    Wanted,
    shelf_of,
    tags_of,
)
from jobs.reports.reading.period_bar import Offered, period_bar
from jobs.reports.reading.picking import best_number, due_for

BERLIN = "Europe/Berlin"
MONDAY = date(2026, 11, 16)
DUE = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
WEEK = Period(
    datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC), BERLIN
)


def on(day: date) -> Days:
    """Return the day as a reader asks about it."""
    return Days(Unit.DAY, day)


def spanning(days: Days, zone: str = BERLIN) -> Period:
    """Return the span of the days in the zone."""
    return Period(*days.bounds(zone), zone)


def test_the_shortest_span_that_holds_the_day_is_picked_and_of_equals_the_newest() -> None:
    monday = spanning(on(MONDAY))
    versions = [(1, monday), (2, WEEK), (3, monday), (4, WEEK)]
    assert best_number(versions, on(MONDAY)) == 3
    assert best_number(versions, on(MONDAY + timedelta(days=2))) == 4
    assert best_number(versions, on(MONDAY - timedelta(days=1))) is None
    assert best_number([], on(MONDAY)) is None


def test_a_week_is_found_before_its_days_and_its_month() -> None:
    november = spanning(Days(Unit.MONTH, date(2026, 11, 1)))
    versions = [(1, WEEK), (2, november), (3, spanning(on(MONDAY)))]
    assert best_number(versions, days_with(Unit.WEEK, MONDAY)) == 1
    assert best_number(versions, days_with(Unit.MONTH, MONDAY)) == 2


@pytest.mark.parametrize(
    ("rule", "days", "due_at"),
    [
        (previous_day(BERLIN), on(MONDAY), datetime(2026, 11, 17, 5, tzinfo=UTC)),
        (calendar_week(BERLIN), on(MONDAY), datetime(2026, 11, 16, 5, tzinfo=UTC)),
        (last_days(7, BERLIN), on(MONDAY), datetime(2026, 11, 17, 5, tzinfo=UTC)),
        (
            previous_week(BERLIN),
            days_with(Unit.WEEK, MONDAY),
            datetime(2026, 11, 23, 5, tzinfo=UTC),
        ),
        (
            previous_month(BERLIN),
            days_with(Unit.MONTH, MONDAY),
            datetime(2026, 12, 1, 5, tzinfo=UTC),
        ),
    ],
)
def test_days_are_made_at_the_first_usual_time_whose_span_holds_them(
    rule: PeriodRule, days: Days, due_at: datetime
) -> None:
    assert due_for(rule, days, DUE, BERLIN) == due_at


def test_a_span_shorter_than_a_day_never_holds_one() -> None:
    assert due_for(last_hours(1, BERLIN), on(MONDAY), DUE, BERLIN) is None
    # Its spans begin on any day of the week.
    assert due_for(previous_day(BERLIN), days_with(Unit.WEEK, MONDAY), DUE, BERLIN) is None


def test_a_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    start_at, end_at = on(date(2026, 10, 25)).bounds(BERLIN)
    assert end_at - start_at == timedelta(hours=25)
    assert due_for(previous_day(BERLIN), on(date(2026, 10, 25)), DUE, BERLIN) is not None
    left_out = on(date(2011, 12, 30))
    assert len(set(left_out.bounds("Pacific/Apia"))) == 1
    assert best_number([(1, spanning(on(date(2011, 12, 29)), "Pacific/Apia"))], left_out) is None


def test_a_version_is_picked_by_the_week_or_the_month_that_it_is_about_exactly() -> None:
    month = spanning(Days(Unit.MONTH, date(2026, 2, 1)))
    other_week = Period(WEEK.start_at + timedelta(days=1), WEEK.end_at + timedelta(days=1), BERLIN)
    spans = (spanning(on(MONDAY)), WEEK, month, other_week)
    written = [(days_of(span).unit, days_of(span).written) for span in spans]
    assert written == [
        (Unit.DAY, "2026-11-16"), (Unit.WEEK, "2026-W47"), (Unit.MONTH, "2026-02"),
        (Unit.DAY, "2026-11-17"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "text", "first", "last"),
    [
        (Unit.DAY, "2026-11-21", date(2026, 11, 21), date(2026, 11, 21)),
        (Unit.WEEK, " 2026-w1 ", date(2025, 12, 29), date(2026, 1, 4)),
        (Unit.WEEK, "2026 W 53", date(2026, 12, 28), date(2027, 1, 3)),
        (Unit.MONTH, "2028/2", date(2028, 2, 1), date(2028, 2, 29)),
        (Unit.MONTH, "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_what_people_type_is_a_day_a_week_or_a_month(
    unit: Unit, text: str, first: date, last: date
) -> None:
    days = days_written(unit, text)
    assert (days.first, days.last) == (first, last)
    assert days_written(unit, days.written) == days


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (Unit.DAY, "yesterday"),
        (Unit.WEEK, "2025-W53"),
        (Unit.WEEK, "47"),
        (Unit.MONTH, "2026-13"),
        (Unit.MONTH, "\u0662026-11"),
    ],
)
def test_what_is_no_day_week_or_month_is_refused(unit: Unit, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        days_written(unit, text)


def offered(number: int, weeks: int, **parameters: object) -> Offered:
    """Return a version about the week so many weeks later."""
    later = timedelta(weeks=weeks)
    return Offered(number, Period(WEEK.start_at + later, WEEK.end_at + later, BERLIN), parameters)


def test_the_bar_has_the_newest_version_of_each_period_in_the_order_of_periods() -> None:
    made_late, shown = offered(4, -2), offered(1, 0)
    again, other = offered(3, 0), offered(5, 1, shop="Oslo")
    bar = period_bar(shown, [shown, offered(2, 1), again, made_late, other])
    assert [one.number for one in bar.offered] == [2, 3, 4]
    assert (bar.older, bar.newer) == (made_late, offered(2, 1))
    assert (bar.again, bar.chosen) == (again, 3)
    alone = period_bar(other, [])
    assert (alone.older, alone.newer, alone.again, alone.offered) == (None, None, None, [other])


def entry(number: int, title: str, **more: object) -> Entry:
    """Return a report that was made `number` minutes after the others."""
    return Entry(
        number, f"r-{number}", title, "Numbers.", newest_id=number, newest_number=3,
        made_at=DUE + timedelta(minutes=number), **more,  # type: ignore[arg-type]
    )  # fmt: skip


SALES = entry(1, "Sales of Ōsaka", tags=frozenset({"money"}), is_favourite=True, read_number=3)
COSTS = entry(2, "Costs", tags=frozenset({"money", "team"}), read_number=2)
NEVER = Entry(3, "never", "Never made", "")


def titles(wanted: Wanted) -> list[str]:
    """Return the titles that are found."""
    return [each.title for each in shelf_of([NEVER, SALES, COSTS], wanted).entries]


def test_made_last_comes_first_and_never_made_last() -> None:
    assert titles(Wanted()) == ["Costs", "Sales of Ōsaka", "Never made"]


def test_words_are_looked_for_in_title_description_and_tags_whatever_their_case() -> None:
    assert titles(Wanted("ōSAKA money")) == ["Sales of Ōsaka"]
    assert titles(Wanted("numbers")) == ["Costs", "Sales of Ōsaka"]
    assert titles(Wanted("costs osaka")) == []


def test_a_tag_and_the_readers_marks_narrow() -> None:
    assert titles(Wanted(tag="team")) == ["Costs"]
    assert titles(Wanted(only=FAVOURITES)) == ["Sales of Ōsaka"]
    # A report without a version has nothing to read.
    assert titles(Wanted(only=UNREAD)) == ["Costs"]
    assert tags_of([NEVER, SALES, COSTS]) == [("money", 2), ("team", 1)]


def test_a_page_that_is_not_there_is_the_last_one() -> None:
    many = [entry(number, f"Report {number}") for number in range(PAGE_SIZE + 1)]
    assert len(shelf_of(many, Wanted(page=1)).entries) == PAGE_SIZE
    last = shelf_of(many, Wanted(page=99))
    assert (last.page, last.pages, last.found) == (2, 2, PAGE_SIZE + 1)
    assert [each.report_id for each in last.entries] == [0]
