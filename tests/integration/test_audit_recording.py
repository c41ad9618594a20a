"""What is done to schedules is written down with its difference, in the same transaction."""

from collections.abc import Callable

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from pytest_django import Settings

from beat.access.asker import Asker
from beat.audit.recording import LONGEST_VALUE, audited, record, snapshot
from beat.models import CodeSchedule, Policy, ScheduleDetails, Tag
from tests.people import person

pytestmark = pytest.mark.django_db

ASKER = Asker(None, "ada", "command line", "build-7")


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that runs every morning in Berlin."""
    morning = CrontabSchedule.objects.create(minute="0", hour="7", timezone="Europe/Berlin")
    return PeriodicTask.objects.create(name="Morning", task="reports.make", crontab=morning)


def entries() -> list[LogEntry]:
    """Return the trail, oldest first."""
    return list(LogEntry.objects.order_by("pk"))


def difference_of(schedule: PeriodicTask, change: Callable[[], object]) -> dict[str, list[str]]:
    """Return the difference that the change leaves in the trail."""
    with audited(ASKER, "edit", [schedule.pk]):
        change()
    [entry] = entries()
    difference: dict[str, list[str]] = entry.changes
    return difference


def test_an_entry_says_who_did_what_from_where_and_why(schedule: PeriodicTask) -> None:
    operator = person("operator", "Operator")
    asker = Asker(operator.pk, "operator", "admin", "192.0.2.7")
    with audited(asker, "edit", [schedule.pk], "it ran too early", "of ticket 7"):
        PeriodicTask.objects.filter(pk=schedule.pk).update(enabled=False)
    [entry] = entries()
    assert (entry.actor, entry.remote_addr) == (operator, "192.0.2.7")
    assert (entry.object_id, entry.object_repr) == (schedule.pk, "Morning")
    assert entry.additional_data == {
        "action": "edit",
        "by": "operator",
        "origin": "admin",
        "address": "192.0.2.7",
        "why": "it ran too early",
        "note": "of ticket 7",
    }
    assert entry.changes == {"enabled": ["yes", "no"]}


def test_a_shared_rule_that_changed_is_a_difference_of_the_schedule(schedule: PeriodicTask) -> None:
    rules = CrontabSchedule.objects.all()
    difference = difference_of(schedule, lambda: rules.update(hour="8", timezone="UTC"))
    assert difference.keys() == {"when", "rule", "time zone"}
    assert difference["rule"] == ["0 7 * * *", "0 8 * * *"]
    assert difference["time zone"] == ["Europe/Berlin", "UTC"]
    [before, after] = difference["when"]
    assert "07:00" in before and "08:00" in after


def test_another_kind_of_rule_is_a_difference(schedule: PeriodicTask) -> None:
    def change() -> None:
        schedule.crontab = None
        schedule.interval = IntervalSchedule.objects.create(every=30, period="minutes")
        schedule.save()

    difference = difference_of(schedule, change)
    assert difference["rule"] == ["0 7 * * *", "every 30 minutes"]
    assert difference["time zone"] == ["Europe/Berlin", ""]


def test_the_policy_the_owner_and_tags_belong_to_the_difference(schedule: PeriodicTask) -> None:
    def change() -> None:
        Policy.objects.create(schedule=schedule, is_paused=True, pause_reason="stock-taking")
        details = ScheduleDetails.objects.create(schedule=schedule)
        details.tags.set([Tag.objects.create(name=name) for name in ("night", "billing")])

    assert difference_of(schedule, change) == {
        "paused": ["no", "yes"],
        "pause reason": ["", "stock-taking"],
        "tags": ["", "billing, night"],
    }


def test_a_policy_with_the_defaults_is_no_difference(schedule: PeriodicTask) -> None:
    with audited(ASKER, "edit", [schedule.pk]):
        Policy.objects.create(schedule=schedule)
    assert entries() == []


def test_what_the_code_owns_says_so(schedule: PeriodicTask) -> None:
    difference = difference_of(schedule, lambda: CodeSchedule.objects.create(schedule=schedule))
    assert difference == {"comes from": ["", "beat_schedule of the Celery app"]}


def test_what_beat_counts_is_no_difference(schedule: PeriodicTask) -> None:
    with audited(ASKER, "edit", [schedule.pk]):
        PeriodicTask.objects.filter(pk=schedule.pk).update(total_run_count=7)
    assert entries() == []


def test_an_action_that_changes_nothing_is_written_down_when_asked_for(
    schedule: PeriodicTask,
) -> None:
    with audited(ASKER, "run now", [schedule.pk], always=True):
        pass
    [entry] = entries()
    assert entry.changes == {}


def test_adding_and_deleting_are_differences_and_the_trail_outlives_the_schedule(
    schedule: PeriodicTask,
) -> None:
    record(ASKER, "add", {}, snapshot([schedule.pk]))
    before = snapshot([schedule.pk])
    PeriodicTask.objects.filter(pk=schedule.pk).delete()
    record(ASKER, "delete", before, snapshot(before))
    added, deleted = entries()
    assert added.action == LogEntry.Action.CREATE
    assert added.changes["name"] == ["", "Morning"]
    assert deleted.action == LogEntry.Action.DELETE
    assert deleted.changes["rule"] == ["0 7 * * *", ""]
    assert deleted.object_repr == "Morning"


def test_what_is_rolled_back_leaves_no_entry(schedule: PeriodicTask) -> None:
    with pytest.raises(RuntimeError), audited(ASKER, "edit", [schedule.pk]):
        PeriodicTask.objects.filter(pk=schedule.pk).update(enabled=False)
        raise RuntimeError
    assert entries() == []
    assert PeriodicTask.objects.get(pk=schedule.pk).enabled


def test_a_long_value_is_shortened_and_its_change_is_seen(schedule: PeriodicTask) -> None:
    long = "x" * (LONGEST_VALUE + 10)
    PeriodicTask.objects.filter(pk=schedule.pk).update(description=f"{long}1")
    difference = difference_of(
        schedule, lambda: PeriodicTask.objects.update(description=f"{long}2")
    )
    assert list(difference) == ["description"]
    assert all(len(value) < LONGEST_VALUE + 20 for value in difference["description"])


def test_a_crontab_with_an_unknown_zone_is_recorded(schedule: PeriodicTask) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_celery_beat_crontabschedule SET timezone = 'Mars/Base'")
    assert snapshot([schedule.pk])[schedule.pk]["time zone"] == "Mars/Base"


def test_a_host_that_has_a_name_keeps_it(schedule: PeriodicTask) -> None:
    with audited(Asker.at_command_line(), "run now", [schedule.pk], always=True):
        pass
    [entry] = entries()
    assert entry.remote_addr is None
    assert entry.additional_data["address"]
    assert entry.additional_data["origin"] == "command line"


def test_the_address_behind_a_proxy_is_the_one_that_the_proxy_saw(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.1, 192.0.2.9"})
    request.user = person("operator", "Operator")
    asker = Asker.of_request(request)
    assert (asker.name, asker.origin, asker.address) == ("operator", "admin", "192.0.2.9")


def test_many_schedules_are_read_and_written_by_few_queries(schedule: PeriodicTask) -> None:
    many = [
        PeriodicTask(name=f"Schedule {number}", task="a.b", crontab=schedule.crontab)
        for number in range(2_000)
    ]
    ids = [made.pk for made in PeriodicTask.objects.bulk_create(many)]
    with CaptureQueriesContext(connection) as queries, audited(ASKER, "edit", ids):
        PeriodicTask.objects.filter(pk__in=ids).update(enabled=False)
    inserts = [query for query in queries if query["sql"].startswith("INSERT")]
    # SQLite takes some sixty entries in one statement, PostgreSQL a thousand.
    assert len(inserts) <= len(ids) / 50
    assert len(queries) - len(inserts) < 12
    assert len(entries()) == len(ids)
