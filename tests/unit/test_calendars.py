"""Which instants a calendar excludes, and why."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from beat.calendars.rules import NOT_ALLOWED, CalendarRule, Entry, holidays_of

BERLIN = ZoneInfo("Europe/Berlin")
CHRISTMAS = Entry(12, 25, name="Christmas")
NEW_YEARS_EVE = Entry(12, 31, None, time(22), time(2), "New Year's Eve")


def why(rule: CalendarRule, local: str) -> str:
    """Return why a local time of the calendar's zone is excluded."""
    return rule.excludes(datetime.fromisoformat(local).replace(tzinfo=rule.timezone))


def rule(*entries: Entry, **values: Any) -> CalendarRule:
    return CalendarRule(BERLIN, entries=entries, **values)


def test_a_calendar_without_anything_excludes_nothing() -> None:
    assert why(rule(), "2026-12-25 12:00") == ""


def test_a_day_of_every_year_excludes_the_whole_local_day() -> None:
    for local in ["2026-12-25 00:00", "2031-12-25 23:59:59.999999"]:
        assert why(rule(CHRISTMAS), local) == "Christmas"
    for local in ["2026-12-24 23:59:59", "2026-12-26 00:00"]:
        assert why(rule(CHRISTMAS), local) == ""


def test_the_calendars_zone_decides_which_day_it_is() -> None:
    late_on_christmas_eve = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)
    assert rule(CHRISTMAS).excludes(late_on_christmas_eve) == "Christmas"
    assert CalendarRule(ZoneInfo("UTC"), entries=(CHRISTMAS,)).excludes(late_on_christmas_eve) == ""


def test_a_dated_entry_is_of_its_year_only() -> None:
    move = rule(Entry(5, 4, 2026, name="Office moves"))
    assert why(move, "2026-05-04 09:00") == "Office moves"
    assert why(move, "2027-05-04 09:00") == ""


def test_the_last_of_february_that_leap_years_have_is_absent_in_others() -> None:
    leap = rule(Entry(2, 29))
    assert why(leap, "2028-02-29 09:00") == "the calendar's entry for 02-29"
    assert why(leap, "2027-02-28 09:00") == why(leap, "2027-03-01 09:00") == ""


def test_a_window_holds_its_start_and_not_its_end() -> None:
    lunch = rule(Entry(5, 4, 2026, time(12), time(13)))
    assert why(lunch, "2026-05-04 11:59:59") == ""
    assert why(lunch, "2026-05-04 12:00") == "the calendar's entry for 2026-05-04"
    assert why(lunch, "2026-05-04 13:00") == ""


def test_a_window_may_go_over_midnight_into_the_next_year() -> None:
    eve = rule(NEW_YEARS_EVE)
    for local in ["2026-12-31 22:00", "2026-12-31 23:59", "2027-01-01 00:00", "2027-01-01 01:59"]:
        assert why(eve, local) == "New Year's Eve"
    for local in ["2026-12-31 01:00", "2026-12-31 21:59", "2027-01-01 02:00"]:
        assert why(eve, local) == ""
    dated = rule(Entry(12, 31, 2026, time(22), time(2)))
    assert why(dated, "2027-01-01 01:00") != ""
    assert why(dated, "2026-01-01 01:00") == ""


@pytest.mark.parametrize(
    ("starts", "ends", "inside", "outside"),
    [
        (time(18), None, "2026-05-04 23:59", "2026-05-05 00:00"),
        (None, time(6), "2026-05-04 00:00", "2026-05-04 06:00"),
        (time(18), time(18), "2026-05-05 17:59", "2026-05-05 18:00"),
    ],
)
def test_a_window_with_one_end_or_of_24_hours(
    starts: time | None, ends: time | None, inside: str, outside: str
) -> None:
    window = rule(Entry(5, 4, None, starts, ends, "window"))
    assert (why(window, inside), why(window, outside)) == ("window", "")


def test_a_calendar_that_allows_excludes_everything_else() -> None:
    inventory = rule(Entry(1, 2, None, time(8), time(18)), allows=True)
    assert why(inventory, "2027-01-02 08:00") == ""
    assert why(inventory, "2027-01-02 18:00") == NOT_ALLOWED
    assert why(inventory, "2027-01-03 09:00") == NOT_ALLOWED


def test_the_holidays_of_a_country_are_excluded_by_name() -> None:
    germany = rule(country="DE")
    assert why(germany, "2026-04-03 09:00") == "Good Friday"
    assert why(germany, "2027-03-26 09:00") == "Good Friday"
    assert why(germany, "2026-03-08 09:00") == ""
    assert why(rule(country="DE", subdivision="BE"), "2026-03-08 09:00") == "Women's Day"


def test_holidays_are_looked_up_once_per_year() -> None:
    assert holidays_of("DE", "", 2026) is holidays_of("DE", "", 2026)
    assert set(holidays_of("DE", "", 2026)) >= {date(2026, 1, 1), date(2026, 12, 25)}
    assert {day.year for day in holidays_of("DE", "", 2026)} == {2026}


@pytest.mark.parametrize(
    ("country", "subdivision", "sentence"),
    [
        (
            "XX",
            "",
            r"The holidays of country 'XX' are unknown; write a code such as DE \(Germany\)",
        ),
        (
            "de",
            "",
            r"The holidays of country 'de' are unknown; write a code such as DE \(Germany\)",
        ),
        ("Germny", "", r"write a code such as DE \(Germany\)"),
        ("GER", "", r"write a code such as DE \(Germany\)"),
        ("DE", "Berlin", r"has no subdivision 'Berlin'; write a code such as BE \(Berlin\)"),
        ("US", "californa", r"write a code such as CA \(California\)"),
        ("DE", "ZZ", "The country DE has no subdivision 'ZZ'; write a code such as BB"),
        ("AF", "ZZ", "The country AF has no subdivision 'ZZ'; leave it empty."),
        ("", "BE", "The subdivision 'BE' has no country"),
    ],
)
def test_an_unknown_country_or_subdivision_is_refused(
    country: str, subdivision: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        rule(country=country, subdivision=subdivision)
