"""Every edit marks the schedule's timer, whatever its route, and nothing else marks one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import CharField
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from beat.models import Calendar, CalendarEntry, Policy, Timer
from beat.triggers import installing
from jobs.runs.ids import new_run_id
from jobs.runs.models import Run

pytestmark = pytest.mark.django_db
SCHEDULES = "django_celery_beat_periodictask"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def schedule(db: None) -> PeriodicTask:
    """Return a schedule whose timer is not stale."""
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(name="Runs", task="t", interval=every_minute)
    reconcile_by_hand()
    return schedule


def reconcile_by_hand() -> None:
    """Make every timer look as if it had been computed."""
    Timer.objects.update(is_stale=False)


def is_stale(schedule: PeriodicTask) -> bool:
    """Tell whether the schedule's timer waits to be computed."""
    return Timer.objects.get(schedule=schedule).is_stale


def execute(sql: str, *parameters: Any) -> int:
    """Run plain SQL, as somebody with a database shell does; return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def test_a_new_schedule_has_a_stale_timer_at_once() -> None:
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    saved = PeriodicTask.objects.create(name="Saved", task="t", interval=every_minute)
    [bulk] = PeriodicTask.objects.bulk_create([PeriodicTask(name="Bulk", task="t")])
    execute(
        f"INSERT INTO {SCHEDULES} (name, task, args, kwargs, one_off, enabled, total_run_count,"
        " date_changed, description, headers)"
        " VALUES ('SQL', 't', '[]', '{}', FALSE, TRUE, 0, '2026-01-01', '', '{}')"
    )
    plain = PeriodicTask.objects.get(name="SQL")
    assert is_stale(saved)
    assert is_stale(bulk)
    assert is_stale(plain)


# SQLite plans nothing by how much there is.
@pytest.mark.one_database("postgresql")
@pytest.mark.django_db(transaction=True)
def test_what_was_planned_while_there_was_one_timer_reads_no_more_when_there_are_many(
    schedule: PeriodicTask,
) -> None:
    execute("VACUUM ANALYZE beat_timer")
    for number in range(10):
        PeriodicTask.objects.update(task=f"task {number}")
    PeriodicTask.objects.bulk_create([PeriodicTask(name=f"S{n}", task="t") for n in range(1_000)])
    with transaction.atomic():
        before = walks_through_timers()
        PeriodicTask.objects.update(task="other")
        assert walks_through_timers() == before


def walks_through_timers() -> int:
    """Return how many times this connection has read the whole table lately."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'beat_timer'")
        return int(cursor.fetchone()[0])


EDITS: dict[str, dict[str, Any]] = {
    "task": {"task": "other"},
    "args": {"args": "[1]"},
    "kwargs": {"kwargs": '{"a": 1}'},
    "queue": {"queue": "slow"},
    "exchange": {"exchange": "x"},
    "routing key": {"routing_key": "r"},
    "headers": {"headers": '{"a": 1}'},
    "priority": {"priority": 3},
    "expires": {"expires": NOON},
    "expire seconds": {"expire_seconds": 5},
    "one off": {"one_off": True},
    "start time": {"start_time": NOON},
    "enabled": {"enabled": False},
    "rule": {"interval": None},
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_definition_marks_the_timer(schedule: PeriodicTask, edit: str) -> None:
    PeriodicTask.objects.filter(pk=schedule.pk).update(**EDITS[edit])
    assert is_stale(schedule)


@pytest.mark.parametrize(
    "edit",
    [
        {"last_run_at": NOON, "total_run_count": 7},
        {"description": "What it is for", "date_changed": NOON},
        {"name": "Renamed"},
    ],
)
def test_what_no_timer_depends_on_marks_none(schedule: PeriodicTask, edit: dict[str, Any]) -> None:
    PeriodicTask.objects.filter(pk=schedule.pk).update(**edit)
    assert not is_stale(schedule)


def test_saving_without_a_change_marks_nothing(schedule: PeriodicTask) -> None:
    schedule.refresh_from_db()
    schedule.save()
    assert not is_stale(schedule)


def test_only_the_edited_schedule_is_marked(schedule: PeriodicTask) -> None:
    other = PeriodicTask.objects.create(name="Other", task="t", interval=schedule.interval)
    reconcile_by_hand()
    PeriodicTask.objects.filter(pk=schedule.pk).update(args="[1]")
    assert not is_stale(other)


def test_plain_sql_marks_the_timer(schedule: PeriodicTask) -> None:
    execute(f"UPDATE {SCHEDULES} SET enabled = FALSE WHERE name = %s", schedule.name)
    assert is_stale(schedule)


def test_a_bulk_action_marks_the_timer(admin_client: Client, schedule: PeriodicTask) -> None:
    address = reverse("admin:beat_act", args=["disable"])
    admin_client.post(address, {"ids": schedule.pk, "is_confirmed": "yes"})
    assert is_stale(schedule)


def rules() -> list[tuple[str, Any, dict[str, Any]]]:
    """Return one unsaved rule of each kind with an edit of it."""
    return [
        ("interval", IntervalSchedule(every=5, period="hours"), {"every": 6}),
        ("interval", IntervalSchedule(every=5, period="hours"), {"period": "days"}),
        ("crontab", CrontabSchedule(minute="5"), {"minute": "6"}),
        ("crontab", CrontabSchedule(minute="5"), {"timezone": "Europe/Berlin"}),
        ("solar", SolarSchedule(event="sunset", latitude=48, longitude=11), {"latitude": 49}),
        ("clocked", ClockedSchedule(clocked_time=NOON), {"clocked_time": NOON + timedelta(1)}),
    ]


@pytest.mark.parametrize(("kind", "rule", "edit"), rules())
def test_an_edit_of_a_rule_marks_all_its_schedules(
    kind: str, rule: Any, edit: dict[str, Any]
) -> None:
    rule.pk = None
    rule.save()
    users = PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"User {number}", task="t", **{kind: rule}) for number in range(3)
    )
    reconcile_by_hand()
    rule.save()
    assert not Timer.objects.filter(is_stale=True).exists()
    type(rule).objects.filter(pk=rule.pk).update(**edit)
    assert all(is_stale(user) for user in users)


def test_a_policy_marks_its_schedule_when_added_edited_and_deleted(schedule: PeriodicTask) -> None:
    policy = Policy.objects.create(schedule=schedule)
    assert is_stale(schedule)
    reconcile_by_hand()
    Policy.objects.filter(pk=policy.pk).update(in_gap="skip")
    assert is_stale(schedule)
    reconcile_by_hand()
    policy.delete()
    assert is_stale(schedule)


@pytest.fixture
def calendar(schedule: PeriodicTask) -> Calendar:
    """Return a calendar that the schedule's policy uses; no timer is stale."""
    calendar = Calendar.objects.create(name="Closed")
    Policy.objects.create(schedule=schedule, calendar=calendar)
    reconcile_by_hand()
    return calendar


def test_an_edit_of_a_calendar_marks_its_schedules(
    schedule: PeriodicTask, calendar: Calendar
) -> None:
    Calendar.objects.filter(pk=calendar.pk).update(allows=True)
    assert is_stale(schedule)


def test_a_calendar_entry_marks_when_added_moved_and_deleted(
    schedule: PeriodicTask, calendar: Calendar
) -> None:
    entry = CalendarEntry.objects.create(calendar=calendar, month=12, day=25)
    assert is_stale(schedule)
    reconcile_by_hand()
    elsewhere = Calendar.objects.create(name="Elsewhere")
    CalendarEntry.objects.filter(pk=entry.pk).update(calendar=elsewhere)
    assert is_stale(schedule)
    CalendarEntry.objects.filter(pk=entry.pk).update(calendar=calendar)
    reconcile_by_hand()
    entry.delete()
    assert is_stale(schedule)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", ["sql", "model", "queryset"])
def test_deleting_a_schedule_takes_its_timer_and_policy_and_leaves_its_runs(route: str) -> None:
    schedule = PeriodicTask.objects.create(
        name="Gone", task="t", interval=IntervalSchedule.objects.create(every=1, period="days")
    )
    Policy.objects.create(schedule=schedule)
    run = Run.objects.create(
        id=new_run_id(NOON), schedule=schedule, task="t", due_at=NOON, publish_at=NOON
    )
    delete: dict[str, Callable[[], object]] = {
        "sql": lambda: execute(f"DELETE FROM {SCHEDULES} WHERE id = %s", schedule.pk),
        "model": schedule.delete,
        "queryset": PeriodicTask.objects.filter(pk=schedule.pk).delete,
    }
    delete[route]()
    assert not Timer.objects.exists()
    assert not Policy.objects.exists()
    run.refresh_from_db()
    assert run.schedule_id is None


def test_triggers_can_be_removed_and_installed_again(schedule: PeriodicTask) -> None:
    installing.remove(connection)
    PeriodicTask.objects.filter(pk=schedule.pk).update(args="[1]")
    unseen = PeriodicTask.objects.create(name="Unseen", task="t", interval=schedule.interval)
    assert not is_stale(schedule)
    assert not Timer.objects.filter(schedule=unseen).exists()
    installing.install(connection)
    assert is_stale(unseen)
    PeriodicTask.objects.filter(pk=schedule.pk).update(args="[2]")
    assert is_stale(schedule)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("model", "name"), [(PeriodicTask, "task"), (Run, "worker")])
def test_later_migrations_may_change_the_tables_that_triggers_use(model: Any, name: str) -> None:
    field = model._meta.get_field(name)
    wider = CharField(max_length=field.max_length + 1, blank=field.blank)
    wider.set_attributes_from_name(name)
    wider.model = model
    installing.make_way(using="default", plan=["a migration"])
    try:
        for before, after in ((field, wider), (wider, field)):
            with connection.schema_editor() as editor:
                editor.alter_field(model, before, after)
    finally:
        installing.come_back(using="default")
    [schedule] = PeriodicTask.objects.bulk_create([PeriodicTask(name="Runs", task="t")])
    assert is_stale(schedule)


def test_a_migrate_command_without_migrations_leaves_the_triggers_alone() -> None:
    installing.make_way(using="default", plan=[])
    [schedule] = PeriodicTask.objects.bulk_create([PeriodicTask(name="Runs", task="t")])
    assert is_stale(schedule)


@pytest.mark.one_database("postgresql")
def test_the_functions_of_an_earlier_version_are_replaced() -> None:
    execute("ALTER FUNCTION beat_schedule_edited() RESET ALL")
    installing.come_back(using="default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'beat_schedule_edited'")
        assert cursor.fetchall() == [(["enable_seqscan=off"],)]


def test_installing_twice_changes_nothing(schedule: PeriodicTask) -> None:
    installing.install(connection)
    assert not is_stale(schedule)
    PeriodicTask.objects.filter(pk=schedule.pk).update(args="[1]")
    assert is_stale(schedule)
