"""A broken schedule is set aside with a sentence that says what to do; the others go on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from beat.definition import work_of
from beat.models import Calendar, Policy, Timer
from beat.reconcile.reconciling import reconcile
from tests.integration.comparison_rounds import compare_all

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def interval(**values: Any) -> dict[str, Any]:
    """Return the rule of a schedule: an interval of these values."""
    return {"interval": IntervalSchedule.objects.create(**{"every": 1, "period": "days"} | values)}


def crontab(**values: Any) -> dict[str, Any]:
    """Return the rule of a schedule: a crontab of these values, written by SQL."""
    rule = CrontabSchedule.objects.create()
    for column, value in values.items():
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE django_celery_beat_crontabschedule SET {column} = %s WHERE id = %s",
                [value, rule.pk],
            )
    return {"crontab": rule}


def solar(**values: Any) -> dict[str, Any]:
    """Return the rule of a schedule: a solar event of these values."""
    defaults = {"event": "sunset", "latitude": 48, "longitude": 11}
    return {"solar": SolarSchedule.objects.create(**defaults | values)}


def clocked(at: datetime) -> dict[str, Any]:
    """Return the rule of a schedule: one instant."""
    return {"clocked": ClockedSchedule.objects.create(clocked_time=at), "one_off": True}


def daily(**values: Any) -> Callable[[], dict[str, Any]]:
    """Return what makes a schedule that is due every day and has these values."""
    return lambda: interval() | values


# What is broken: how it is made, the reason, and a word of the sentence.
BROKEN: dict[str, tuple[Callable[[], dict[str, Any]], str, str]] = {
    "no rule": (dict, "broken_rule", "Choose an interval"),
    "two rules": (lambda: interval() | crontab(), "broken_rule", "Keep one"),
    "args that are not JSON": (daily(args="[1,"), "broken_arguments", "Write a JSON list"),
    "args that are no list": (daily(args='{"a": 1}'), "broken_arguments", "no JSON list"),
    "args that are null": (daily(args="null"), "broken_arguments", "no JSON list"),
    "args with NaN": (daily(args="[NaN]"), "broken_arguments", "NaN is no number"),
    "args with a huge number": (daily(args="[1e999]"), "broken_arguments", "too large"),
    "args with a null character": (daily(args='["\\u0000"]'), "broken_arguments", "u0000"),
    "args with half a character": (daily(args='["\\ud800"]'), "broken_arguments", "surrogate"),
    "args too deep": (daily(args="[" * 99_999), "broken_arguments", "not valid JSON"),
    "kwargs that are not JSON": (daily(kwargs="a=1"), "broken_arguments", "Write a JSON object"),
    "kwargs that are no object": (daily(kwargs="[]"), "broken_arguments", "no JSON object"),
    "headers that are not JSON": (daily(headers="{"), "broken_headers", "Write a JSON object"),
    "headers that are no object": (daily(headers="[]"), "broken_headers", "no JSON object"),
    "a header of Celery's": (daily(headers='{"id": "1"}'), "broken_headers", "another name"),
    "no task": (daily(task=" "), "broken_task", "Choose one"),
    "a priority beyond 255": (daily(priority=100_000), "broken_priority", "0 to 255"),
    "31 February": (lambda: crontab(day_of_month="31", month_of_year="2"), "never_due", "Edit"),
    "a crontab of junk": (lambda: crontab(minute="often"), "broken_rule", "'often'"),
    "an empty crontab field": (lambda: crontab(hour=""), "broken_rule", "empty part"),
    "a crontab field with a space": (lambda: crontab(hour="1 2"), "broken_rule", "'1 2'"),
    "hour 25": (lambda: crontab(hour="25"), "broken_rule", "outside 0 to 23"),
    "an unknown zone": (lambda: crontab(timezone="Mars/Olympus"), "broken_rule", "Mars/Olympus"),
    "an empty zone": (lambda: crontab(timezone=""), "broken_rule", "Edit it"),
    "a folder as a zone": (lambda: crontab(timezone="Europe"), "broken_rule", "Edit it"),
    "every 0 days": (lambda: interval(every=0), "broken_rule", "at least 1"),
    "every -5 days": (lambda: interval(every=-5), "broken_rule", "at least 1"),
    "an unknown period": (lambda: interval(period="fortnights"), "broken_rule", "choose one of"),
    "a too long interval": (lambda: interval(every=2_000_000_000), "broken_rule", "too long"),
    "due after the year 9999": (lambda: interval(every=9_000_000), "never_due", "year 10000"),
    "an unknown solar event": (lambda: solar(event="eclipse"), "broken_rule", "choose one of"),
    "a place off the globe": (lambda: solar(latitude=91), "broken_rule", "-90 to 90"),
    "a time that is over": (lambda: clocked(NOON), "never_due", "later time"),
    "expired": (daily(expires=NOON), "never_due", "later expiry"),
    "expires before it starts": (
        daily(start_time=NOON + timedelta(9), expires=NOON + timedelta(8)),
        "never_due",
        "later expiry",
    ),
}


def add(name: str, **values: Any) -> PeriodicTask:
    """Return a new schedule, written past the checks of the form."""
    [schedule] = PeriodicTask.objects.bulk_create(
        [PeriodicTask(**{"name": name, "task": "t"} | values)]
    )
    return schedule


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_schedule_is_set_aside_with_its_reason(kind: str) -> None:
    make, reason, word = BROKEN[kind]
    schedule = add("Broken", **make())
    assert reconcile(NOON) == 1
    timer = Timer.objects.get(schedule=schedule)
    assert timer.set_aside_reason == reason
    assert word in timer.set_aside_text
    assert timer.set_aside_text.endswith(".")
    assert timer.due_at is None
    assert not timer.is_stale


def test_all_kinds_of_broken_schedules_among_good_ones_harm_none_of_them() -> None:
    good = [add(f"Good {number}", **interval()) for number in range(5)]
    for kind, (make, _, _) in BROKEN.items():
        add(kind, **make())
    reconcile(NOON)
    set_aside = Timer.objects.exclude(set_aside_reason="")
    assert set_aside.count() == len(BROKEN)
    due = Timer.objects.filter(schedule__in=good, due_at=NOON + timedelta(days=1))
    assert due.count() == len(good)


def test_a_repaired_schedule_is_due_again_and_fires_nothing_of_the_past() -> None:
    schedule = add("Repaired", args="{", **interval())
    reconcile(NOON)
    PeriodicTask.objects.update(args="[]")
    reconcile(NOON + timedelta(days=9, hours=1))
    timer = Timer.objects.get(schedule=schedule)
    assert timer.set_aside_reason == timer.set_aside_text == ""
    assert timer.due_at == NOON + timedelta(days=10)


def test_a_broken_schedule_that_is_disabled_is_not_complained_about() -> None:
    schedule = add("Off", args="{", enabled=False, **interval())
    reconcile(NOON)
    assert Timer.objects.get(schedule=schedule).set_aside_reason == ""


def test_a_calendar_that_cannot_be_used_sets_its_schedules_aside_until_it_is_corrected() -> None:
    closed = Calendar.objects.create(name="Closed", country="XX")
    schedule = add("Calendar", **interval())
    Policy.objects.create(schedule=schedule, calendar=closed)
    reconcile(NOON)
    assert Timer.objects.get(schedule=schedule).set_aside_reason == "broken_calendar"
    Calendar.objects.update(country="DE")
    assert reconcile(NOON) == 1
    timer = Timer.objects.get(schedule=schedule)
    assert timer.set_aside_reason == ""
    assert timer.due_at == NOON + timedelta(days=1)


def test_a_value_that_no_driver_can_read_sets_only_its_schedule_aside() -> None:
    bad, good = add("Bad", **interval()), add("Good", **interval())
    junk = "'infinity'" if connection.vendor == "postgresql" else "'2026-13-45 00:00:00'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE django_celery_beat_periodictask SET start_time = {junk} WHERE id = {bad.pk}"
        )
    assert reconcile(NOON) == 2
    assert Timer.objects.get(schedule=bad).set_aside_reason == "unreadable"
    assert Timer.objects.get(schedule=good).due_at == NOON + timedelta(days=1)


def test_an_error_of_ours_sets_one_schedule_aside_and_is_logged_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = add("Bad", **interval()), add("Good", **interval())

    def work_with_a_defect(row: Any) -> Any:
        if row.id == bad.pk:
            raise ZeroDivisionError("a defect")
        return work_of(row)

    monkeypatch.setattr("beat.reconcile.renewal.work_of", work_with_a_defect)
    reconcile(NOON)
    assert "'exc_info': True" in caplog.text
    assert Timer.objects.get(schedule=bad).set_aside_reason == "unexpected"
    assert Timer.objects.get(schedule=good).due_at == NOON + timedelta(days=1)
    monkeypatch.undo()
    assert compare_all(NOON) == 1
    reconcile(NOON)
    assert Timer.objects.get(schedule=bad).due_at == NOON + timedelta(days=1)
