"""What the rows of a schedule mean, without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import ParseException, crontab

from beat.definition import (
    BrokenScheduleError,
    ScheduleRow,
    anchor_of,
    rule_text,
    timing_of,
    timing_text,
    work_of,
)
from beat.definition.rows import POLICY_COLUMNS, POLICY_DEFAULTS
from beat.models import Policy
from beat.reconcile.renewal import TimerRow, is_due_too_late, renewed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE_MINUTE = timedelta(minutes=1)


def a_row(**values: Any) -> ScheduleRow:
    """Return a schedule that is due every minute, changed by `values`."""
    defaults: dict[str, Any] = {"id": 1, "name": "Runs", "task": "t"}
    defaults |= {"interval_id": 1, "every": 1, "period": "minutes"}
    return ScheduleRow(**defaults | values)


def a_crontab(**values: Any) -> ScheduleRow:
    """Return a schedule that is due every day at three in Berlin, changed by `values`."""
    fields = {"minute": "0", "hour": "3", "day_of_month": "*", "month_of_year": "*"}
    fields |= {"day_of_week": "*", "timezone": "Europe/Berlin"}
    return a_row(**{"interval_id": None, "crontab_id": 1} | fields | values)


def test_the_defaults_of_a_row_are_those_of_a_policy() -> None:
    defaults = {field.attname: field.get_default() for field in Policy._meta.concrete_fields}
    assert [defaults[column] for column in POLICY_COLUMNS] == [*POLICY_DEFAULTS]


def test_a_rule_without_bounds_is_one_line() -> None:
    assert timing_text(a_row()) == "interval 1 minutes"
    assert rule_text(a_crontab()) == "crontab 0 3 * * * Europe/Berlin gap=after repeated=first"


@pytest.mark.parametrize(
    "edit",
    [
        {"every": 2},
        {"period": "hours"},
        {"start_time": NOON},
        {"expires": NOON},
        {"one_off": True},
        {"enabled": False},
        {"interval_id": None},
        {"crontab_id": 1},
    ],
)
def test_whatever_decides_when_a_schedule_is_due_is_in_its_text(edit: dict[str, Any]) -> None:
    assert timing_text(a_row(**edit)) != timing_text(a_row())


@pytest.mark.parametrize(
    "edit",
    [
        {"minute": "1"},
        {"day_of_week": "1"},
        {"timezone": "UTC"},
        {"in_gap": "skip"},
        {"repeated": "both"},
    ],
)
def test_every_part_of_a_crontab_is_in_its_text(edit: dict[str, Any]) -> None:
    assert timing_text(a_crontab(**edit)) != timing_text(a_crontab())


@pytest.mark.parametrize(
    "edit", [{"name": "X"}, {"args": "[1]"}, {"queue": "q"}, {"is_paused": True}, {"task": "u"}]
)
def test_what_does_not_decide_when_is_not_in_the_text(edit: dict[str, Any]) -> None:
    assert timing_text(a_row(**edit)) == timing_text(a_row())


def test_equal_instants_in_other_zones_have_equal_texts() -> None:
    elsewhere = NOON.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert timing_text(a_row(expires=elsewhere)) == timing_text(a_row(expires=NOON))


def test_texts_are_made_of_broken_rows_too() -> None:
    assert timing_text(a_row(interval_id=None)) == "no rule"
    broken = a_row(interval_id=None, clocked_id=1, solar_id=2, latitude=Decimal(3))
    assert "solar" in timing_text(broken)
    assert "clocked" in timing_text(broken)


def test_a_start_time_is_an_instant_of_its_interval() -> None:
    timing = timing_of(a_row(start_time=NOON), None)
    assert timing.next(NOON - timedelta(days=1)) == NOON
    assert timing.next(NOON) == NOON + ONE_MINUTE


def test_an_expiry_is_exclusive() -> None:
    timing = timing_of(a_row(expires=NOON + 2 * ONE_MINUTE), NOON)
    assert timing.next(NOON) == NOON + ONE_MINUTE
    assert timing.next(NOON + ONE_MINUTE) is None


def test_a_clocked_schedule_is_due_once_though_its_row_does_not_say_so() -> None:
    assert timing_of(a_row(interval_id=None, clocked_id=1, clocked_time=NOON), None).one_off


def test_an_anchor_stays_while_its_rule_does() -> None:
    later = NOON + timedelta(days=1)
    assert anchor_of(a_row(), "", None, NOON) == NOON
    assert anchor_of(a_row(), rule_text(a_row()), NOON, later) == NOON
    assert anchor_of(a_row(every=2), rule_text(a_row()), NOON, later) == later
    assert anchor_of(a_row(start_time=later), rule_text(a_row()), NOON, NOON) == later
    assert anchor_of(a_row(), rule_text(a_row()), later, NOON) == NOON
    assert anchor_of(a_crontab(), rule_text(a_row()), NOON, later) is None


def test_work_is_what_the_message_needs() -> None:
    row = a_row(args="[1]", kwargs='{"a": "\\u00e9\\\\u0000"}', headers=None, queue=None)
    work = work_of(row)
    assert work.args == [1]
    assert work.kwargs == {"a": "é\\u0000"}
    assert work.headers == {}
    assert work.queue == ""


@pytest.mark.parametrize("text", ["", "[]"])
def test_empty_arguments_are_none(text: str) -> None:
    assert work_of(a_row(args=text)).args == []


@pytest.mark.parametrize("values", [{"expire_seconds": 10**15}, {"priority": -1}, {"task": ""}])
def test_values_that_a_run_cannot_hold_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BrokenScheduleError) as refusal:
        work_of(a_row(**values))
    assert refusal.value.text.endswith(".")


def test_a_row_without_its_rule_row_is_refused() -> None:
    for gone in ({"every": None}, {"period": None}):
        with pytest.raises(BrokenScheduleError, match="gone or not complete"):
            timing_of(a_row(**gone), NOON)
    for kind in ("crontab_id", "solar_id", "clocked_id"):
        with pytest.raises(BrokenScheduleError, match="gone or not complete"):
            timing_of(a_row(**{"interval_id": None, kind: 1}), NOON)


@pytest.mark.parametrize(
    "hour", ["1-5 junk", "*/6 junk", "junk", " 7", "7 ", "1, 2", "mon", "22-2/2/9"]
)
def test_what_celery_reads_in_spite_of_blanks_and_junk_is_read_alike(hour: str) -> None:
    timing = timing_of(a_crontab(hour=hour, timezone="UTC"), None)
    due = [timing.next(NOON + timedelta(hours=hours, minutes=-1)) for hours in range(24)]
    assert {instant.hour for instant in due if instant} == crontab(hour=hour).hour  # type: ignore[attr-defined]


@pytest.mark.parametrize("hour", ["often", "1 2", "*/6junk", "1-5,", "*junk", "1 -5", "- 5"])
def test_what_celery_refuses_is_set_aside_with_a_sentence(hour: str) -> None:
    with pytest.raises((ParseException, ValueError)):
        crontab(hour=hour)
    with pytest.raises(BrokenScheduleError, match=r"The crontab of .* The hour .* Edit it\.$"):
        timing_of(a_crontab(hour=hour), None)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "", "../etc/passwd", "x" * 300, "\0"])
def test_a_time_zone_that_is_none_is_set_aside_with_a_sentence(zone: str) -> None:
    with pytest.raises(BrokenScheduleError, match=r"There is no time zone .* write a name such as"):
        timing_of(a_crontab(timezone=zone), None)


def test_a_renewed_timer_keeps_what_is_due_while_the_timing_stays() -> None:
    timer = TimerRow(1, NOON, NOON - ONE_MINUTE, timing_text(a_row()))
    assert renewed(timer, a_row(args="[2]"), NOON + timedelta(hours=1)) == timer


def test_a_repaired_schedule_is_renewed_from_now() -> None:
    timer = TimerRow(1, None, NOON, timing_text(a_row()), "broken_arguments", "Repair it.")
    assert renewed(timer, a_row(), NOON).due_at == NOON + ONE_MINUTE


def test_a_clock_that_ran_ahead_is_noticed() -> None:
    assert is_due_too_late(NOON + timedelta(days=1), a_row(), NOON, NOON)
    assert not is_due_too_late(NOON + ONE_MINUTE, a_row(), NOON, NOON)
