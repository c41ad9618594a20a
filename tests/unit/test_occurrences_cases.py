"""The occurrences of crontab rules: the cases, and what happens where the clock is changed."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from beat.occurrences import CrontabError, InGap, Repeated, crontab, crontab_of_fields, upcoming
from beat.occurrences.local_days import stretches_around

CASES_FILE = Path(__file__).parent.parent / "cases" / "crontab_occurrences.json"
CASES: list[dict[str, Any]] = json.loads(CASES_FILE.read_text())
BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(line: str, zone: str, after: str, count: int) -> list[str]:
    """Return the first instants in UTC as text, such as "03-31 01:00"."""
    return [f"{due:%m-%d %H:%M}" for due in upcoming(line, zone, utc(after), count)]


def in_march(line: str, in_gap: InGap) -> list[str]:
    rule = crontab(line, BERLIN, in_gap=in_gap)
    return [f"{due:%d %H:%M}" for due in rule.between(utc("2024-03-30"), utc("2024-04-02"))]


def in_october(line: str, repeated: Repeated) -> list[str]:
    rule = crontab(line, BERLIN, repeated=repeated)
    return [f"{due:%d %H:%M}" for due in rule.between(utc("2024-10-26"), utc("2024-10-28 12:00"))]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['crontab']} {case['timezone']} {case['after']}" for case in CASES]
)
def test_a_case_has_the_instants_that_it_expects(case: dict[str, Any]) -> None:
    after = datetime.fromisoformat(case["after"])
    expected = [datetime.fromisoformat(text) for text in case["expect"]]
    assert upcoming(case["crontab"], case["timezone"], after, len(expected)) == expected
    rule = crontab(case["crontab"], case["timezone"])
    assert list(rule.between(after, expected[-1])) == expected


def test_all_cases_are_there() -> None:
    assert len(CASES) == 160


def test_an_instant_is_never_its_own_next_one() -> None:
    assert first("0 12 * * *", "UTC", "2026-11-21 12:00", 1) == ["11-22 12:00"]
    assert first("0 12 * * *", "UTC", "2026-11-21 11:59:59.999999", 1) == ["11-21 12:00"]


def test_every_half_hour_keeps_its_cadence_through_both_changes() -> None:
    in_spring = upcoming("*/30 * * * *", BERLIN, utc("2024-03-30 22:00"), 20)
    in_autumn = upcoming("*/30 * * * *", BERLIN, utc("2024-10-26 22:00"), 20)
    for instants in (in_spring, in_autumn):
        steps = {later - earlier for earlier, later in pairwise(instants)}
        assert steps == {timedelta(minutes=30)}


def test_a_time_in_a_gap_is_due_after_the_gap_or_not_at_all() -> None:
    assert in_march("30 2 * * *", InGap.AFTER) == ["30 01:30", "31 01:00", "01 00:30"]
    assert in_march("30 2 * * *", InGap.SKIP) == ["30 01:30", "01 00:30"]


def test_two_times_in_one_gap_are_due_once() -> None:
    assert in_march("10,50 2 31 * *", InGap.AFTER) == ["31 01:00"]


def test_a_time_that_occurs_twice_is_due_first_second_or_both() -> None:
    assert in_october("30 2 27 * *", Repeated.FIRST) == ["27 00:30"]
    assert in_october("30 2 27 * *", Repeated.SECOND) == ["27 01:30"]
    assert in_october("30 2 27 * *", Repeated.BOTH) == ["27 00:30", "27 01:30"]


def test_every_hour_ignores_what_is_chosen_for_fixed_hours() -> None:
    every_hour = ["27 00:30", "27 01:30"]
    for repeated in Repeated:
        assert in_october("30 * 27 * *", repeated)[2:4] == every_hour


def test_the_day_that_samoa_left_out_is_due_when_the_next_one_begins() -> None:
    # In Apia, 29 December 2011 was followed by the 31st: at 10:00 UTC the 30th was skipped whole.
    assert first("0 8 * * *", "Pacific/Apia", "2011-12-29 12:00", 3) == [
        "12-29 18:00",
        "12-30 10:00",
        "12-30 18:00",
    ]
    assert first("0 8 30 12 *", "Pacific/Apia", "2011-12-01", 1) == ["12-30 10:00"]
    assert first("0 * 30 12 *", "Pacific/Apia", "2011-12-01", 1) == ["12-29 10:00"]


def test_half_an_hour_of_change_is_half_an_hour() -> None:
    # Lord Howe goes from +11 to +10:30 at 02:00, and from +10:30 to +11 at 02:00.
    assert first("45 1 7 4 *", "Australia/Lord_Howe", "2024-04-01", 1) == ["04-06 14:45"]
    assert first("15 2 6 10 *", "Australia/Lord_Howe", "2024-10-01", 1) == ["10-05 15:30"]


def test_midnight_in_a_gap_is_due_at_one_o_clock() -> None:
    assert first("0 0 8 9 *", "America/Santiago", "2024-09-01", 1) == ["09-08 04:00"]


def test_no_minute_is_lost_where_the_clock_goes_back_over_midnight() -> None:
    # In St. John's, 2010-11-07 00:01 was followed by 2010-11-06 23:01.
    rule = crontab("* * * * *", "America/St_Johns")
    after = utc("2010-11-07 00:00")
    minutes = list(rule.between(after, after + timedelta(hours=8)))
    assert minutes == [after + timedelta(minutes=number) for number in range(1, 481)]


def test_a_rare_rule_is_found() -> None:
    rule = crontab("0 0 29 2 1", "UTC")
    found = list(islice(rule.between(utc("2026-01-01"), utc("2200-01-01")), 3))
    assert found == [utc("2044-02-29"), utc("2072-02-29"), utc("2112-02-29")]


@pytest.mark.parametrize(
    "line", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30-31 feb 1"]
)
def test_a_rule_without_any_day_is_refused(line: str) -> None:
    with pytest.raises(CrontabError, match="never be due"):
        crontab(line, BERLIN)


def test_a_rule_whose_only_times_are_skipped_gaps_has_no_next_one() -> None:
    # The last Sunday of March at 02:30 does not exist in Berlin in any year.
    looked_at = stretches_around.cache_info().misses
    assert crontab("30 2 25-31 3 0", BERLIN, InGap.SKIP).next(utc("2026-01-01")) is None
    # One Sunday of each of 400 years, and the day after it; not all until the year 9999.
    assert stretches_around.cache_info().misses - looked_at < 1000
    assert crontab("30 2 25-31 3 0", BERLIN).next(utc("2026-01-01")) == utc("2026-03-29 01:00")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", BERLIN])
def test_the_ends_of_the_calendar_are_no_error(zone: str) -> None:
    rule = crontab("0 0 * * *", zone)
    last = datetime.max.replace(tzinfo=UTC)
    assert rule.next(last) is None
    assert rule.next(datetime.min.replace(tzinfo=UTC)) is not None
    assert list(rule.between(utc("9999-12-20"), last))
    assert len(upcoming("0 0 1 1 *", zone, utc("9995-06-01"), 10)) == 4


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../UTC", "/etc/passwd", "Europe", "UT\0C"])
def test_an_unknown_zone_is_refused_with_a_sentence(zone: str) -> None:
    with pytest.raises(CrontabError, match=r"There is no time zone .*; write a name such as"):
        crontab("0 0 * * *", zone)


@pytest.mark.parametrize("line", ["", "* * * *", "* * * * * *", "1, 2 * * * *"])
def test_a_line_has_five_fields(line: str) -> None:
    with pytest.raises(CrontabError, match=f"has {len(line.split())} fields instead of five"):
        crontab(line, "UTC")


def test_a_field_may_hold_blanks_where_a_line_may_not() -> None:
    rule = crontab_of_fields("1, 2", " 5 ", "*", "*", "*", timezone="UTC")
    assert rule.minutes == crontab("1,2 5 * * *", "UTC").minutes == (301, 302)


@pytest.mark.parametrize("after", ["2024-03-30 12:34", "2024-10-26 12:34"])
def test_counting_agrees_with_listing(after: str) -> None:
    rule = crontab("*/7 * * * *", BERLIN)
    until = utc(after) + timedelta(days=3)
    assert rule.count_between(utc(after), until) == len(list(rule.between(utc(after), until)))
