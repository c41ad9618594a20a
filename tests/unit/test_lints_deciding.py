"""What the lints decide from a rule alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from beat.definition import ScheduleRow
from beat.lints.crowds import crowd_of, load_of
from beat.lints.gaps import first_missing, gaps
from beat.lints.slow import period_of, slow_end
from beat.occurrences import crontab

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
BERLIN = "Europe/Berlin"


def row(line: str, zone: str = "UTC", **values: Any) -> ScheduleRow:
    """Return a schedule by crontab."""
    minute, hour, day_of_month, month_of_year, day_of_week = line.split()
    return ScheduleRow(
        id=1, name="Nightly", task="reports.make", crontab_id=1, timezone=zone,
        minute=minute, hour=hour, day_of_month=day_of_month, month_of_year=month_of_year,
        day_of_week=day_of_week,
    )._replace(**values)  # fmt: skip


def test_a_zone_has_the_gaps_of_a_year() -> None:
    [gap] = gaps(ZoneInfo(BERLIN), TODAY)
    assert (str(gap.start), str(gap.end)) == ("2027-03-28 02:00:00", "2027-03-28 03:00:00")
    assert gaps(ZoneInfo("UTC"), TODAY) == ()
    assert gaps(ZoneInfo("Asia/Kolkata"), TODAY) == ()


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("30 2 * * *", "2027-03-28 02:30:00"),
        ("0 2 * * 0", "2027-03-28 02:00:00"),
        ("59 1,2 28 3 *", "2027-03-28 02:59:00"),
        ("0 3 * * *", None),
        ("30 2 * * 1-5", None),
        ("30 2 29 3 *", None),
        ("*/10 * * * *", None),
    ],
)
def test_a_time_that_a_day_lacks_is_found_if_the_rule_names_it_on_that_day(
    line: str, missing: str | None
) -> None:
    found = first_missing(crontab(line, BERLIN), TODAY)
    assert (str(found.at) if found else None) == missing


def test_a_gap_at_midnight_is_found_on_the_day_that_lacks_its_beginning() -> None:
    # In Beirut the clock goes from 00:00 to 01:00.
    found = first_missing(crontab("15 0 * * *", "Asia/Beirut"), date(2026, 1, 1))
    assert found is not None
    assert (found.at.hour, found.goes_on_at.hour) == (0, 1)


def test_many_at_one_minute_are_a_crowd_and_the_emptiest_minute_nearby_is_told() -> None:
    midnight, busy = crontab("0 0 * * *", "UTC"), crontab("1 0 * * *", "UTC")
    load = load_of([(midnight, 30), (busy, 12)], NOW)
    crowd = crowd_of(midnight, load, NOW)
    assert crowd is not None
    assert (crowd.at, crowd.count, crowd.better_at, crowd.better_count) == ("00:00", 30, "00:02", 0)


def test_crowds_are_seen_across_time_zones() -> None:
    # In November 01:00 in Berlin is midnight in UTC.
    load = load_of([(crontab("0 1 * * *", BERLIN), 6), (crontab("0 0 * * *", "UTC"), 6)], NOW)
    crowd = crowd_of(crontab("0 1 * * *", BERLIN), load, NOW)
    assert crowd is not None
    assert (crowd.at, crowd.count) == ("01:00", 12)


@pytest.mark.parametrize("shared", [9, 1])
def test_a_few_are_no_crowd(shared: int) -> None:
    rule = crontab("0 0 * * *", "UTC")
    assert crowd_of(rule, load_of([(rule, shared)], NOW), NOW) is None


def test_where_every_minute_is_as_busy_there_is_no_crowd() -> None:
    rule = crontab("0 0 * * *", "UTC")
    assert crowd_of(rule, [100] * 1440, NOW) is None


def test_rules_of_every_hour_count_and_are_not_told_to_move() -> None:
    often = crontab("*/5 * * * *", "UTC")
    load = load_of([(often, 50)], NOW)
    assert load[0] == load[605] == 50
    assert load[1] == 0
    assert crowd_of(often, load, NOW) is None


@pytest.mark.parametrize(
    ("schedule", "period"),
    [
        (row("*/10 * * * *"), timedelta(minutes=10)),
        (row("0 9,10 * * *"), timedelta(hours=1)),
        (row("0 3 * * *", BERLIN), timedelta(days=1)),
        (row("0 3 * * *", one_off=True), None),
        (row("61 3 * * *"), None),
        (
            ScheduleRow(id=1, name="", task="", interval_id=1, every=90, period="seconds"),
            timedelta(seconds=90),
        ),
        (ScheduleRow(id=1, name="", task="", clocked_id=1, clocked_time=NOW), None),
    ],
)
def test_the_period_is_the_shortest_time_between_two_occurrences(
    schedule: ScheduleRow, period: timedelta | None
) -> None:
    assert period_of(schedule, NOW) == period


def test_the_slow_end_is_the_95th_percentile() -> None:
    seconds = [timedelta(seconds=n) for n in range(1, 101)]
    assert slow_end(seconds) == timedelta(seconds=95)
    assert slow_end([*seconds[:1], None]) == timedelta(seconds=1)
    assert slow_end([None]) is None
