"""The version about a day that a reader picks, and what of a library they look for."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jobs.reports.periods import Period, PeriodRule, calendar_week, last_days
from jobs.reports.reading.entries import (
    FAVOURITES,
    PAGE_SIZE,
    UNREAD,
    Entry,
    Wanted,
    shelf_of,
    tags_of,
)
from jobs.reports.reading.picking import best_number, day_in, due_for, span_in_words

BERLIN = "Europe/Berlin"
MONDAY = date(2026, 11, 16)
DUE = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
WEEK = Period(
    datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC), BERLIN
)


def previous_day(due_at: datetime) -> Period:
    """Return the day before, in Berlin."""
    today = day_in(due_at.astimezone(UTC).date() - timedelta(days=1), BERLIN)
    return Period(today.start_at, today.end_at, BERLIN)


def test_the_shortest_span_that_holds_the_day_is_picked_and_of_equals_the_newest() -> None:
    monday = day_in(MONDAY, BERLIN)
    versions = [(1, monday), (2, WEEK), (3, monday), (4, WEEK)]
    assert best_number(versions, MONDAY) == 3
    assert best_number(versions, MONDAY + timedelta(days=2)) == 4
    assert best_number(versions, MONDAY - timedelta(days=1)) is None
    assert best_number([], MONDAY) is None


@pytest.mark.parametrize(
    ("rule", "day", "due_at"),
    [
        (previous_day, MONDAY, datetime(2026, 11, 17, 5, tzinfo=UTC)),
        (calendar_week(BERLIN), MONDAY, datetime(2026, 11, 16, 5, tzinfo=UTC)),
        (last_days(7, BERLIN), MONDAY, datetime(2026, 11, 17, 5, tzinfo=UTC)),
    ],
)
def test_a_day_is_made_at_the_first_usual_time_whose_span_holds_it(
    rule: PeriodRule, day: date, due_at: datetime
) -> None:
    assert due_for(rule, day, DUE, BERLIN) == due_at


def test_a_span_shorter_than_a_day_never_holds_one() -> None:
    def last_hour(due_at: datetime) -> Period:
        return Period(due_at - timedelta(hours=1), due_at, BERLIN)

    assert due_for(last_hour, MONDAY, DUE, BERLIN) is None


def test_a_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    autumn = day_in(date(2026, 10, 25), BERLIN)
    assert autumn.end_at.astimezone(UTC) - autumn.start_at.astimezone(UTC) == timedelta(hours=25)
    assert due_for(previous_day, date(2026, 10, 25), DUE, BERLIN) is not None


def test_a_span_is_called_what_a_reader_picks() -> None:
    month = Period(DUE, DUE + timedelta(days=30))
    assert [span_in_words(span) for span in (day_in(MONDAY, BERLIN), WEEK, month)] == [
        "day", "week", "month",
    ]  # fmt: skip


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
