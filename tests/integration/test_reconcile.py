"""Reconcile computes a timer from its schedule: edits are in force, the past never fires."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from beat.models import Policy, Timer
from beat.reconcile.reconciling import reconcile
from tests.integration.comparison_rounds import compare_all
from tests.integration.editor_page import saves

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE_MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=5)


def interval(every: int = 1, period: str = "minutes") -> IntervalSchedule:
    """Return a new row of an interval rule."""
    return IntervalSchedule.objects.create(every=every, period=period)


def add(**values: Any) -> PeriodicTask:
    """Return a new schedule, computed at noon; every minute unless another rule is given."""
    if not {"interval", "crontab", "solar", "clocked"} & values.keys():
        values["interval"] = interval()
    schedule = PeriodicTask(name=values.pop("name", "Runs"), task="t", **values)
    PeriodicTask.objects.bulk_create([schedule])
    assert reconcile(NOON) == 1
    return schedule


def edit(schedule: PeriodicTask, **values: Any) -> None:
    """Write to the schedule as `QuerySet.update` does."""
    PeriodicTask.objects.filter(pk=schedule.pk).update(**values)


def timer_of(schedule: PeriodicTask) -> Timer:
    """Return the schedule's timer as the database has it."""
    return Timer.objects.get(schedule=schedule)


def test_a_new_interval_counts_from_the_instant_it_was_first_seen() -> None:
    timer = timer_of(add())
    assert timer.due_at == NOON + ONE_MINUTE
    assert timer.anchor_at == NOON
    assert not timer.is_stale


def test_a_timer_that_is_computed_is_not_computed_again() -> None:
    add()
    assert reconcile(NOON) == 0


def test_each_kind_of_rule_is_computed() -> None:
    at = NOON + timedelta(days=1, seconds=5)
    daily = add(name="Daily", crontab=CrontabSchedule.objects.create(minute="30", hour="13"))
    once = add(name="Once", clocked=ClockedSchedule.objects.create(clocked_time=at), one_off=True)
    munich = SolarSchedule.objects.create(event="solar_noon", latitude=48, longitude=11)
    sunny = add(name="Sunny", solar=munich)
    assert timer_of(daily).due_at == NOON.replace(hour=13, minute=30)
    assert timer_of(once).due_at == at
    due_at = timer_of(sunny).due_at
    assert due_at is not None
    assert NOON < due_at < NOON + timedelta(days=1)


def test_an_edit_of_the_arguments_keeps_what_is_due() -> None:
    schedule = add()
    edit(schedule, args="[1]", queue="slow", priority=1)
    assert reconcile(LATER) == 1
    timer = timer_of(schedule)
    assert timer.due_at == NOON + ONE_MINUTE
    assert not timer.is_stale


def test_an_edit_of_the_policy_keeps_what_is_due() -> None:
    schedule = add()
    Policy.objects.create(schedule=schedule, jitter_seconds=5)
    assert reconcile(LATER) == 1
    assert timer_of(schedule).due_at == NOON + ONE_MINUTE


def test_an_edit_of_the_timing_never_fires_the_past() -> None:
    schedule = add()
    edit(schedule, interval=interval(10))
    reconcile(LATER)
    assert timer_of(schedule).due_at == LATER + 10 * ONE_MINUTE


def test_enabling_after_a_long_time_never_fires_the_past_and_keeps_the_anchor() -> None:
    schedule = add(interval=interval(7, "hours"))
    edit(schedule, enabled=False)
    reconcile(NOON + ONE_MINUTE)
    assert timer_of(schedule).due_at is None
    edit(schedule, enabled=True)
    reconcile(NOON + timedelta(days=30, minutes=1))
    due_at = timer_of(schedule).due_at
    assert due_at is not None
    assert due_at > NOON + timedelta(days=30)
    assert (due_at - NOON) % timedelta(hours=7) == timedelta(0)


def test_disabling_and_enabling_at_once_fires_nothing_of_the_past() -> None:
    schedule = add()
    edit(schedule, enabled=False)
    edit(schedule, enabled=True)
    reconcile(NOON + timedelta(seconds=30))
    assert timer_of(schedule).due_at == NOON + ONE_MINUTE


def test_an_edit_of_the_rule_row_is_in_force_for_all_its_schedules() -> None:
    rule = interval()
    schedules = [add(name=name, interval=rule) for name in ("A", "B")]
    IntervalSchedule.objects.filter(pk=rule.pk).update(every=3)
    assert reconcile(LATER) == 2
    assert {timer_of(schedule).due_at for schedule in schedules} == {LATER + 3 * ONE_MINUTE}


def test_a_start_time_is_the_first_occurrence_and_the_anchor() -> None:
    start_at = NOON + timedelta(days=2, seconds=7)
    schedule = add(start_time=start_at)
    assert timer_of(schedule).due_at == start_at
    edit(schedule, start_time=None)
    reconcile(LATER)
    assert timer_of(schedule).due_at == LATER + ONE_MINUTE


def test_a_crontab_is_not_due_before_its_start_time() -> None:
    hourly = CrontabSchedule.objects.create(minute="0")
    schedule = add(crontab=hourly, start_time=LATER)
    assert timer_of(schedule).due_at == LATER


def test_nothing_is_due_at_the_expiry_or_after_it() -> None:
    timer = timer_of(add(expires=NOON + ONE_MINUTE))
    assert timer.due_at is None
    assert timer.set_aside_reason == "never_due"
    assert timer_of(add(name="B", expires=NOON + 2 * ONE_MINUTE)).due_at == NOON + ONE_MINUTE


def test_a_one_off_that_is_done_stays_done_when_its_arguments_are_edited() -> None:
    schedule = add(one_off=True)
    Timer.objects.update(due_at=None)
    edit(schedule, args="[1]")
    reconcile(LATER)
    assert timer_of(schedule).due_at is None
    assert timer_of(schedule).set_aside_reason == ""


def test_dst_choices_of_the_policy_are_timing() -> None:
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)
    rule = CrontabSchedule.objects.create(minute="30", hour="2", timezone="Europe/Berlin")
    schedule = add(crontab=rule)
    Policy.objects.create(schedule=schedule, in_gap="skip")
    reconcile(spring)
    assert timer_of(schedule).due_at == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    Policy.objects.update(in_gap="after")
    reconcile(spring)
    assert timer_of(schedule).due_at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_the_form_edits_what_is_due(admin_client: Client) -> None:
    schedule = add()
    saves(admin_client, schedule, when__every="10")
    reconcile(LATER)
    assert timer_of(schedule).due_at == LATER + 10 * ONE_MINUTE


def test_the_bulk_action_stops_what_is_due(admin_client: Client) -> None:
    schedule = add()
    answer = {"ids": schedule.pk, "is_confirmed": "yes"}
    admin_client.post(reverse("admin:beat_act", args=["disable"]), answer)
    reconcile(LATER)
    assert timer_of(schedule).due_at is None


def test_plain_sql_stops_what_is_due() -> None:
    schedule = add()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_celery_beat_periodictask SET enabled = FALSE")
    reconcile(LATER)
    assert timer_of(schedule).due_at is None


def test_ten_thousand_schedules_edited_at_once_are_computed_in_batches() -> None:
    rule = interval()
    PeriodicTask.objects.bulk_create(
        [PeriodicTask(name=f"S{number}", task="t", interval=rule) for number in range(10_000)],
        batch_size=2_000,
    )
    assert [reconcile(NOON, limit=5_000) for _ in range(3)] == [5_000, 5_000, 0]
    PeriodicTask.objects.update(start_time=LATER)
    assert [reconcile(NOON, limit=4_000) for _ in range(4)] == [4_000, 4_000, 2_000, 0]
    assert Timer.objects.filter(due_at=LATER, is_stale=False).count() == 10_000


def test_an_overdue_timer_is_left_to_the_catch_up_policy() -> None:
    schedule = add()
    assert compare_all(LATER) == 0
    edit(schedule, kwargs='{"a": 1}')
    reconcile(LATER)
    assert timer_of(schedule).due_at == NOON + ONE_MINUTE
