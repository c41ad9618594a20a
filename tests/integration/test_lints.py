"""What is suspicious about schedules is found, said in a sentence, and found quickly."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
)

from beat.lints.every import LINTS, findings_of_schedule, lint_named, suspected
from beat.lints.unconsumed import TASK
from beat.models import Policy, Timer
from beat.reconcile.reconciling import reconcile
from jobs.runs import usage
from jobs.runs.models import Run, Worker
from jobs.runs.states import Kind, State
from tests.conftest import People

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PAGE = "admin:schedule_lints"
# Session and person; ids; then what a lint reads for its suspects and for its sentences.
MOST_QUERIES = 12


def scheduled(name: str, **values: Any) -> PeriodicTask:
    """Return a schedule with its timer; hourly unless told otherwise."""
    if not {"crontab", "clocked", "interval"} & values.keys():
        values["interval"] = IntervalSchedule.objects.get_or_create(every=1, period="hours")[0]
    schedule = PeriodicTask.objects.create(name=name, **{"task": "reports.make", **values})
    reconcile(NOW)
    return schedule


def at(minute: str, hour: str, zone: str = "UTC", **fields: str) -> CrontabSchedule:
    """Return the row of a crontab."""
    row: CrontabSchedule = CrontabSchedule.objects.get_or_create(
        minute=minute, hour=hour, timezone=zone, **fields
    )[0]
    return row


def worker(queues: Sequence[str] = ("default", "heavy", "mail"), **values: Any) -> Worker:
    """Return a worker that is there and knows the tasks of these tests."""
    defaults: dict[str, Any] = {
        "id": uuid4(), "name": "celery@one", "host": "one", "pid": 7, "concurrency": 2,
        "version": "1", "started_at": NOW, "heartbeat_at": NOW, "pool_seen_at": NOW,
        "tasks": ["reports.make"], "queues": list(queues),
    }  # fmt: skip
    return Worker.objects.create(**defaults | values)


def found_by(key: str, now: datetime = NOW) -> dict[str, str]:
    """Return the names of the schedules that a lint suspects and finds, with its sentences."""
    lint = lint_named(key)
    assert lint is not None
    found = {}
    for schedule in suspected(lint, now):
        for finding in findings_of_schedule(schedule.pk, now):
            if finding.lint is lint:
                found[schedule.name] = finding.sentence
    return found


def test_what_is_on_and_never_due_is_found_with_the_reason() -> None:
    scheduled("fine")
    scheduled("off", enabled=False, expires=NOW - timedelta(days=1))
    over = scheduled("over", expires=NOW - timedelta(days=1))
    Timer.objects.filter(schedule=over).update(set_aside_reason="")
    scheduled("february", crontab=at("0", "0", day_of_month="31", month_of_year="2"))
    past = ClockedSchedule.objects.create(clocked_time=NOW - timedelta(days=1))
    scheduled("past", clocked=past, one_off=True)
    found = found_by("never")
    assert set(found) == {"over", "february", "past"}
    assert "Its end has passed, on 2026-11-20" in found["over"]
    assert "would never be due" in found["february"]


def test_a_time_in_a_gap_is_found_and_what_the_policy_does_there() -> None:
    scheduled("fine", crontab=at("30", "3", "Europe/Berlin"))
    scheduled("utc", crontab=at("30", "2"))
    scheduled("often", crontab=at("30", "*", "Europe/Berlin"))
    scheduled("off", crontab=at("30", "2", "Europe/Berlin"), enabled=False)
    scheduled("later", crontab=at("30", "2", "Europe/Berlin"))
    never = scheduled("not then", crontab=at("30", "2", "Europe/Berlin"))
    Policy.objects.create(schedule=never, in_gap="skip")
    found = found_by("gap")
    assert set(found) == {"later", "not then"}
    assert "On 2027-03-28 there is no 02:30 in Europe/Berlin" in found["later"]
    assert "It runs at 03:00 then" in found["later"]
    assert "It does not run on that day" in found["not then"]


def test_everything_at_midnight_is_found_with_a_better_minute() -> None:
    for number in range(12):
        scheduled(f"nightly {number}", crontab=at("0", "0"))
    scheduled("early", crontab=at("1", "0"))
    found = found_by("crowd")
    assert len(found) == 12
    assert "12 schedules start at 00:00" in found["nightly 3"]
    assert "At 00:02 none starts." in found["nightly 3"]


def test_schedules_that_are_off_are_no_crowd() -> None:
    for number in range(12):
        scheduled(f"nightly {number}", crontab=at("0", "0"), enabled=number > 5)
    assert found_by("crowd") == {}


def test_a_period_that_is_shorter_than_the_runs_is_found() -> None:
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    for name, seconds in (("slow", 100), ("fine", 20)):
        schedule = scheduled(name, interval=every_minute)
        for number in range(25):
            ended(schedule, number, seconds if number % 2 else 10)
    once = scheduled("slow once", interval=every_minute)
    for number in range(25):
        ended(once, number, 100 if number == 3 else 10)
    found = found_by("slow")
    assert set(found) == {"slow"}
    assert "one run in twenty takes 1 min 40 s or longer" in found["slow"]
    assert "What is due meanwhile is skipped." in found["slow"]


def ended(schedule: PeriodicTask, number: int, seconds: int) -> Run:
    """Return a run that took so long."""
    due_at = NOW - timedelta(minutes=number)
    return Run.objects.create(
        id=uuid4(), schedule=schedule, task=schedule.task, kind=Kind.SCHEDULED, due_at=due_at,
        publish_at=due_at, started_at=due_at, finished_at=due_at + timedelta(seconds=seconds),
        state=State.SUCCEEDED,
    )  # fmt: skip


def test_a_queue_that_no_worker_takes_from_is_found() -> None:
    worker()
    worker(["slow"], heartbeat_at=NOW - timedelta(days=1))
    worker(["stopped"], stopped_at=NOW)
    scheduled("fine")
    scheduled("named", queue="mail")
    scheduled("by exchange", exchange="elsewhere", routing_key="key")
    scheduled("silent", queue="slow")
    scheduled("stopped", queue="stopped")
    found = found_by("queue")
    assert set(found) == {"silent", "stopped"}
    assert "No worker takes from the queue slow" in found["silent"]
    assert "default, heavy, mail" in found["silent"]


def test_the_queue_that_the_settings_send_a_task_to_counts() -> None:
    worker(["default"])
    scheduled("report")
    scheduled("other", task="elsewhere.task")
    assert set(found_by("queue")) == {"report"}


def test_without_any_worker_every_schedule_says_so() -> None:
    scheduled("one")
    assert "No worker is there at all" in found_by("queue")["one"]


def test_a_task_that_no_worker_knows_is_found() -> None:
    worker()
    worker(tasks=["another.task"])
    for task in ("reports.make", "another.task", "nobodys.task", "celery.backend_cleanup"):
        scheduled(task, task=task)
    found = found_by("task")
    assert set(found) == {"nobodys.task"}
    assert [one.name for one in suspected(TASK, NOW)] == ["nobodys.task"]
    assert "No worker that is there knows the task nobodys.task" in found["nobodys.task"]


def test_where_a_worker_does_not_tell_its_tasks_none_is_called_unknown() -> None:
    worker()
    worker(tasks=[])
    scheduled("one", task="nobodys.task")
    assert found_by("task") == {}


def test_a_report_that_nobody_has_read_for_long_is_found_by_its_schedule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last_read = {"read": NOW - timedelta(days=5), "unread": NOW - timedelta(days=91)}
    monkeypatch.setitem(
        usage._providers,
        "reports.make",
        lambda calls: [last_read.get(call.kwargs["report"]) for call in calls],
    )
    for name in ("read", "unread", "unknown"):
        scheduled(name, kwargs=f'{{"report": "{name}"}}')
    scheduled("unread, but changed lately", kwargs='{"report": "unread"}')
    scheduled("unread, but off", kwargs='{"report": "unread"}', enabled=False)
    PeriodicTask.objects.exclude(name__contains="lately").update(
        date_changed=NOW - timedelta(days=90)
    )
    [(name, sentence)] = found_by("unread").items()
    assert name == "unread"
    assert "since 22 August 2026" in sentence


def test_a_schedule_without_fault_has_no_findings() -> None:
    worker()
    assert findings_of_schedule(scheduled("fine").pk, NOW) == []
    assert findings_of_schedule(0, NOW) == []


def test_the_page_counts_each_lint_and_shows_the_schedules_of_one(admin_client: Client) -> None:
    for number in range(60):
        scheduled(f"Over {number:02}")
    Timer.objects.update(due_at=None)
    html = admin_client.get(reverse(PAGE)).content.decode()
    assert re.search(r"60 schedules</p>\s*<h2><a href=\"\?lint=never\">Never due", html)
    first = admin_client.get(reverse(PAGE), {"lint": "never"}).content.decode()
    assert "Over 49" in first
    assert "Over 50" not in first
    assert "It is not due any more" in first
    second = admin_client.get(reverse(PAGE), {"lint": "never", "page": "2"}).content.decode()
    assert "Over 59" in second
    assert 'rel="next"' not in second


def test_more_than_a_hundred_are_not_counted(admin_client: Client) -> None:
    rule = IntervalSchedule.objects.create(every=1, period="hours")
    rows = [PeriodicTask(name=f"{n}", task="reports.make", interval=rule) for n in range(120)]
    PeriodicTask.objects.bulk_create(rows)
    Timer.objects.all().delete()
    Timer.objects.bulk_create(Timer(schedule=row, is_stale=False, due_at=None) for row in rows)
    assert "more than 99 schedules" in admin_client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize("key", [lint.key for lint in LINTS])
def test_a_page_of_a_lint_reads_a_bounded_number_of_queries(admin_client: Client, key: str) -> None:
    worker(["default"], heartbeat_at=timezone.now())
    for number in range(30):
        crontab = at("30", "2", "Europe/Berlin")
        late = timezone.now() - timedelta(days=1) if number % 2 else None
        scheduled(f"{number}", task="nobodys.task", queue="slow", crontab=crontab, expires=late)
    with CaptureQueriesContext(connection) as seen:
        answer = admin_client.get(reverse(PAGE), {"lint": key})
    assert answer.status_code == 200
    assert len(seen) <= MOST_QUERIES


@pytest.mark.parametrize(
    "asked", [{"lint": "nonsense"}, {"lint": "never", "page": "0"}, {"lint": "never", "page": "x"}]
)
def test_a_page_that_is_none_is_not_found(admin_client: Client, asked: dict[str, str]) -> None:
    assert admin_client.get(reverse(PAGE), asked).status_code == 404


def test_who_may_not_view_schedules_sees_no_lints(people: People, viewer_client: Client) -> None:
    people.viewer.is_staff = True
    people.viewer.save()
    assert viewer_client.get(reverse(PAGE)).status_code == 403
    people.viewer.user_permissions.add(Permission.objects.get(codename="view_periodictask"))
    assert viewer_client.get(reverse(PAGE)).status_code == 200
