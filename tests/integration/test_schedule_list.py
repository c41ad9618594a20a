"""The list of schedules: what it shows, how it is narrowed, and that it reads no more."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from beat.models import Policy, ScheduleDetails, Tag, Timer
from beat.schedule_list.order import ids_by_next_run
from beat.schedule_list.outcomes import outcomes_of
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

pytestmark = pytest.mark.django_db

LIST = "admin:django_celery_beat_periodictask_changelist"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
# Session and person; what two filters offer; ids, schedules, rows, runs and tags of the page.
MOST_QUERIES = 9


@pytest.fixture
def hourly() -> IntervalSchedule:
    """Return the rule of every hour."""
    return IntervalSchedule.objects.create(every=1, period="hours")


def schedules(rule: IntervalSchedule, count: int) -> list[PeriodicTask]:
    """Return so many schedules, due one minute after the other, the last name first."""
    made: list[PeriodicTask] = PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"Schedule {n:05}", task="reports.make", interval=rule)
        for n in range(count)
    )
    Timer.objects.filter(schedule__in=made).delete()
    Timer.objects.bulk_create(
        Timer(schedule=one, is_stale=False, due_at=NOW + timedelta(days=99, minutes=-n))
        for n, one in enumerate(made)
    )
    return made


def ran(
    schedule: PeriodicTask, hours_ago: float, state: State = State.SUCCEEDED, **facts: Any
) -> Run:
    """Return a run of the schedule that took 90 seconds."""
    due_at = NOW - timedelta(hours=hours_ago)
    values: dict[str, Any] = {
        "id": uuid4(), "schedule": schedule, "schedule_name": schedule.name, "task": schedule.task,
        "kind": Kind.SCHEDULED, "due_at": due_at, "publish_at": due_at, "state": state,
        "started_at": due_at, "finished_at": due_at + timedelta(seconds=90),
    }  # fmt: skip
    return Run.objects.create(**values | facts)


def page(client: Client, **asked: str) -> str:
    """Return the list as the browser gets it."""
    answer = client.get(reverse(LIST), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def names_on(html: str) -> list[str]:
    """Return the names of the schedules on a page, in order."""
    return re.findall(r'<span class="schedule-name">([^<]*)</span>', html)


def test_the_list_reads_a_bounded_number_of_queries_and_counts_nothing(
    admin_client: Client, hourly: IntervalSchedule
) -> None:
    for schedule in schedules(hourly, 3_000)[:55]:
        for hours in range(3):
            ran(schedule, 0, State.FAILED, due_at=timezone.now() - timedelta(hours=hours))
        ScheduleDetails.objects.create(schedule=schedule).tags.create(name=schedule.name)
    for asked in (
        {}, {"q": "Schedule 02"}, {"o": "3"}, {"p": "7"}, {"state": "on", "failed": "day"},
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            shown = names_on(page(admin_client, **asked))
        assert len(shown) == 50, asked
        assert len(seen) <= MOST_QUERIES, asked
        counted = re.compile(r"(COUNT|MIN|MAX)\(")
        assert not [query["sql"] for query in seen if counted.search(query["sql"])], asked


def test_a_page_shows_what_the_pages_before_it_did_not(
    admin_client: Client, hourly: IntervalSchedule
) -> None:
    schedules(hourly, 120)
    pages = [names_on(page(admin_client, p=number)) for number in "123"]
    assert [len(names) for names in pages] == [50, 50, 20]
    assert [name for names in pages for name in names] == [f"Schedule {n:05}" for n in range(120)]
    assert 'rel="next"' not in page(admin_client, p="3")
    assert 'rel="next"' in page(admin_client, p="2")


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999"])
def test_an_impossible_page_leads_back_to_the_list(admin_client: Client, number: str) -> None:
    assert admin_client.get(reverse(LIST), {"p": number}).status_code == 302


def test_the_list_is_ordered_by_the_next_run_with_those_that_have_none_last(
    admin_client: Client, hourly: IntervalSchedule
) -> None:
    early, late, never, being_worked_out, lost = schedules(hourly, 5)[::-1]
    Timer.objects.filter(schedule=never).update(due_at=None)
    Timer.objects.filter(schedule=being_worked_out).update(is_stale=True)
    Timer.objects.filter(schedule=lost).delete()
    without = [lost.name, being_worked_out.name, never.name]
    assert names_on(page(admin_client, o="3")) == [early.name, late.name, *without]
    assert names_on(page(admin_client, o="-3")) == [late.name, early.name, *without]
    assert names_on(page(admin_client, o="3", q=late.name)) == [late.name]


@pytest.mark.parametrize("order", ["3", "-3"])
@pytest.mark.parametrize("with_one", [0, 70, 100, 120])
def test_pages_by_the_next_run_show_each_schedule_once(
    order: str, with_one: int, admin_client: Client, hourly: IntervalSchedule
) -> None:
    made = schedules(hourly, 120)
    Timer.objects.filter(schedule__in=made[with_one:]).update(due_at=None)
    pages = [names_on(page(admin_client, o=order, p=number)) for number in "1234"]
    assert [len(names) for names in pages] == [50, 50, 20, 0]
    due, without = made[:with_one], made[with_one:]
    # The last name is due first.
    expected = [*(due if order == "-3" else due[::-1]), *without]
    assert [name for names in pages for name in names] == [one.name for one in expected]


@pytest.mark.parametrize("order", ["3.1", "3.-1.4", "99", "x"])
def test_any_other_order_is_as_stock_has_it(
    order: str, admin_client: Client, hourly: IntervalSchedule
) -> None:
    schedules(hourly, 3)
    assert len(names_on(page(admin_client, o=order))) == 3


# SQLite has no index for parts of words.
@pytest.mark.one_database("postgresql")
def test_the_next_runs_and_the_search_are_read_by_an_index(hourly: IntervalSchedule) -> None:
    schedules(hourly, 2_000)
    searched = PeriodicTask.objects.filter(name__icontains="01999", task__icontains="make")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "beat_schedule_search" in searched.explain()
    with CaptureQueriesContext(connection) as seen:
        ids_by_next_run(PeriodicTask.objects.all(), 0, 51, is_latest_first=True)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {seen[0]['sql']}")
        assert "timer_due" in str(cursor.fetchall())


def test_each_schedule_shows_its_own_last_twenty_runs_the_oldest_first(
    admin_client: Client, hourly: IntervalSchedule
) -> None:
    one, other = schedules(hourly, 2)
    runs = [ran(one, hours_ago) for hours_ago in range(25)]
    ran(one, 0.5, State.FAILED, kind=Kind.REHEARSAL)
    failed = ran(other, 1, State.FAILED, reason_text="The host does not answer")
    found = outcomes_of([one.pk, other.pk])
    assert [run.id for run in found[one.pk].runs] == [run.id for run in runs[19::-1]]
    assert found[other.pk].words == "1 failed, 0 of 1 succeeded"
    html = page(admin_client)
    assert "20 of 20 succeeded" in html
    assert "the last took 1 min 30 s" in html
    assert f'href="{failed.get_absolute_url()}"' in html
    assert "The host does not answer" in html


def test_the_last_duration_is_that_of_the_newest_run_that_is_over(
    hourly: IntervalSchedule,
) -> None:
    [schedule] = schedules(hourly, 1)
    ran(schedule, 2)
    ran(schedule, 1, State.RUNNING, finished_at=None)
    ran(schedule, 0, State.SKIPPED, started_at=None, finished_at=None)
    outcomes = outcomes_of([schedule.pk])[schedule.pk]
    assert outcomes.last_duration == timedelta(seconds=90)
    assert outcomes.words == "1 of 3 succeeded, 1 under way"


def test_the_state_says_how_long_and_why(admin_client: Client, hourly: IntervalSchedule) -> None:
    on, off, paused, waiting, broken = schedules(hourly, 5)
    PeriodicTask.objects.filter(pk=off.pk).update(enabled=False)
    Timer.objects.filter(schedule=off).update(due_at=None, is_stale=False)
    Policy.objects.create(schedule=paused, is_paused=True, pause_reason="Stocktaking")
    until = timezone.now() + timedelta(days=3)
    Policy.objects.create(schedule=waiting, is_paused=True, paused_until=until)
    Timer.objects.filter(schedule=waiting).update(due_at=until - timedelta(hours=1), is_stale=False)
    Timer.objects.filter(schedule=broken).update(set_aside_reason="x", set_aside_text="No hour 25.")
    html = page(admin_client)
    for words in (
        "Stocktaking",
        "not until somebody resumes it",
        "after the pause, from",
        "No hour 25.",
    ):
        assert words in html
    for state, schedule in (("on", on), ("off", off), ("set-aside", broken)):
        assert names_on(page(admin_client, state=state)) == [schedule.name]
    assert names_on(page(admin_client, state="paused")) == [paused.name, waiting.name]
    assert names_on(page(admin_client, state="no such")) == []


def test_a_pause_that_is_over_is_none(admin_client: Client, hourly: IntervalSchedule) -> None:
    [schedule] = schedules(hourly, 1)
    over = timezone.now() - timedelta(minutes=1)
    Policy.objects.create(schedule=schedule, is_paused=True, paused_until=over)
    assert names_on(page(admin_client, state="on")) == [schedule.name]
    assert names_on(page(admin_client, state="paused")) == []


def test_the_list_is_narrowed_by_task_owner_tag_kind_and_last_runs(
    admin_client: Client, hourly: IntervalSchedule
) -> None:
    one, other = schedules(hourly, 2)
    nightly = CrontabSchedule.objects.create(minute="0", hour="3", timezone="UTC")
    PeriodicTask.objects.filter(pk=one.pk).update(
        task="elsewhere.task", interval=None, crontab=nightly
    )
    details = ScheduleDetails.objects.create(
        schedule=one, owner=Group.objects.create(name="Finance")
    )
    details.tags.add(Tag.objects.create(name="billing"))
    ran(one, 0, State.FAILED, due_at=timezone.now())
    ran(other, 0, State.FAILED, due_at=timezone.now() - timedelta(days=2))
    for asked in (
        {"task": "elsewhere.task"}, {"owner": "Finance"}, {"tag": "billing"}, {"kind": "crontab"},
        {"failed": "day"}, {"q": "elsewhere"}, {"q": "00000 task"}, {"crontab__isnull": "0"},
    ):  # fmt: skip
        assert names_on(page(admin_client, **asked)) == [one.name], asked
    assert names_on(page(admin_client, owner="none")) == [other.name]


def test_what_is_selected_on_all_pages_is_told_without_a_number(
    admin_client: Client, hourly: IntervalSchedule
) -> None:
    schedules(hourly, 51)
    html = page(admin_client)
    assert "Select those on all pages" in html
    assert "Select all 5" not in html
    assert "Show all" not in html


def test_a_schedule_that_vanishes_while_the_list_is_read_is_left_out(
    hourly: IntervalSchedule,
) -> None:
    from beat.schedule_list.showing import load_shown

    [schedule] = schedules(hourly, 1)
    assert [one.pk for one in load_shown([schedule.pk, schedule.pk + 1], NOW)] == [schedule.pk]
