"""One page holds all of a schedule: each kind of rule is written in place."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
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

from beat.editing.rules import without_seven
from beat.models import CodeSchedule, Policy, ScheduleDetails
from beat.occurrences.fields import DAY_OF_WEEK, numbers_of
from tests.integration.editor_page import address_of, form_of, post, saves, words_of

pytestmark = pytest.mark.django_db

NEW = {"name": "New one", "task": "cleanup.run"}


def test_a_crontab_is_written_in_one_field(admin_client: Client) -> None:
    saved = saves(admin_client, **NEW, when__line=" @Daily ", when__timezone="europe/berlin")
    rule = saved.crontab
    assert (rule.minute, rule.hour, rule.day_of_month, rule.month_of_year) == ("0", "0", "*", "*")
    assert str(rule.timezone) == "Europe/Berlin"


def test_sunday_as_seven_is_stored_as_celery_knows_it(admin_client: Client) -> None:
    saved = saves(admin_client, **NEW, when__line="0 9 * * 7")
    assert saved.crontab.day_of_week == "0"
    again = saves(admin_client, **{**NEW, "name": "Two"}, when__line="0 9 * * fri-7")
    assert again.crontab.day_of_week == "0,5,6"


@pytest.mark.parametrize(
    ("written", "stored"), [("5-2/2,7", "0,2,5"), ("*/7", "0"), ("7-2", "0,1,2"), ("mon", "mon")]
)
def test_days_of_the_week_mean_the_same_when_they_are_stored(written: str, stored: str) -> None:
    assert without_seven(written) == stored
    assert numbers_of(DAY_OF_WEEK, written) == numbers_of(DAY_OF_WEEK, stored)


def test_an_interval_is_written_in_place(admin_client: Client) -> None:
    saved = saves(admin_client, **NEW, when__kind="interval", when__every="3", when__period="hours")
    assert (saved.interval.every, saved.interval.period) == (3, "hours")


def test_a_one_off_is_a_local_time_in_a_zone(admin_client: Client) -> None:
    saved = saves(
        admin_client,
        **NEW,
        when__kind="clocked",
        when__at="2050-07-01T12:00",
        when__timezone="Europe/Berlin",
    )
    assert saved.clocked.clocked_time == datetime(2050, 7, 1, 10, tzinfo=UTC)
    assert saved.one_off


def test_the_sun_needs_an_event_and_a_place(admin_client: Client) -> None:
    saved = saves(
        admin_client,
        **NEW,
        when__kind="solar",
        when__event="sunset",
        when__latitude="52.52",
        when__longitude="-13.405",
    )
    assert saved.solar.event == "sunset"
    assert (saved.solar.latitude, saved.solar.longitude) == (Decimal("52.52"), Decimal("-13.405"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"when__line": "61 * * * *"}, "The minute '61' is outside 0 to 59."),
        ({"when__line": "0 0 31 2 *"}, "it would never be due"),
        ({"when__line": "0 5 * * 1 /usr/bin/backup"}, "After the times a command follows"),
        ({"when__line": ""}, "Write when it is due"),
        ({"when__line": "0 9 * * *", "when__timezone": "Berlin"}, "did you mean Europe/Berlin?"),
        ({"when__kind": "interval", "when__every": ""}, "Write a number, such as 10."),
        ({"when__kind": "interval", "when__every": "0"}, "greater than or equal to 1"),
        (
            {"when__kind": "interval", "when__every": "2000000000", "when__period": "days"},
            "too long",
        ),
        ({"when__kind": "clocked", "when__at": "2020-01-01T12:00"}, "was over"),
        (
            {
                "when__kind": "clocked",
                "when__at": "2050-03-27T02:30",
                "when__timezone": "Europe/Berlin",
            },
            "leaves 02:30 out",
        ),
        ({"when__kind": "solar"}, "Choose an event of the sun."),
        ({"when__kind": "moon"}, "Select a valid choice"),
        ({"when__line": "0 9 * * *", "expires": "2020-01-01T00:00"}, "expires at 2020-01-01"),
        ({"when__line": "0 9 * * *", "headers": "[]"}, "Write a JSON object"),
        ({"when__line": "0 9 * * *", "headers": '{"id": 1}'}, "belongs to Celery's message"),
        ({"when__line": "0 9 * * *", "policy__max_attempts": "0"}, "Write 1 for a single attempt"),
    ],
)
def test_what_could_not_run_is_refused_with_a_sentence(
    admin_client: Client, changes: dict[str, Any], says: str
) -> None:
    answer = post(admin_client, **{**NEW, **changes})
    assert answer.status_code == 200
    assert says in words_of(answer)
    assert not PeriodicTask.objects.filter(name=NEW["name"]).exists()


def test_a_rule_that_is_written_twice_is_one_row(admin_client: Client) -> None:
    first = saves(admin_client, **NEW, when__line="5 4 * * *")
    second = saves(admin_client, name="Two", task="cleanup.run", when__line="5  4 * * *")
    assert first.crontab_id == second.crontab_id


def test_an_untouched_page_changes_nothing(admin_client: Client) -> None:
    saved = saves(admin_client, **NEW, when__line="5 4 * * mon", description="What for\nand why")
    version = form_of(admin_client, saved)["version"]
    saves(admin_client, saved)
    assert form_of(admin_client, saved)["version"] == version
    assert not Policy.objects.exists()
    assert not ScheduleDetails.objects.exists()


def test_the_rule_that_an_edit_leaves_goes_away_when_nobody_has_it(
    admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    alone = saves(admin_client, **NEW, when__line="5 4 * * *")
    left = alone.crontab_id
    with django_capture_on_commit_callbacks(execute=True):
        saves(admin_client, alone, when__kind="interval", when__every="1", when__period="days")
    assert not CrontabSchedule.objects.filter(pk=left).exists()


def test_the_rule_that_an_edit_leaves_stays_while_another_schedule_has_it(
    admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    first = saves(admin_client, **NEW, when__line="5 4 * * *")
    second = saves(admin_client, name="Two", task="cleanup.run", when__line="5 4 * * *")
    with django_capture_on_commit_callbacks(execute=True):
        saves(admin_client, first, when__line="6 4 * * *")
    second.refresh_from_db()
    assert second.crontab.minute == "5"


def test_one_kind_replaces_another(admin_client: Client) -> None:
    schedule = saves(admin_client, **NEW, when__line="5 4 * * *")
    saves(admin_client, schedule, when__kind="interval", when__every="6", when__period="hours")
    schedule.refresh_from_db()
    assert schedule.crontab is None
    assert schedule.interval.every == 6


def test_owner_and_tags_are_saved_with_it(admin_client: Client) -> None:
    finance = Group.objects.create(name="Finance")
    saved = saves(
        admin_client,
        **NEW,
        when__line="@daily",
        details__owner=finance.pk,
        details__tags="nightly, money,nightly",
    )
    assert saved.details.owner == finance
    assert [tag.name for tag in saved.details.tags.all()] == ["money", "nightly"]


def test_the_policy_is_saved_with_it_and_a_pause_is_left_alone(admin_client: Client) -> None:
    saved = saves(admin_client, **NEW, when__line="@daily")
    Policy.objects.create(schedule=saved, is_paused=True, pause_reason="Holidays")
    saves(admin_client, saved, policy__overlap="queue_all")
    policy = Policy.objects.get(schedule=saved)
    assert (policy.overlap, policy.is_paused, policy.pause_reason) == (
        "queue_all",
        True,
        "Holidays",
    )


@pytest.mark.parametrize(
    "junk",
    [
        {"interval": None},
        {"crontab": True},
        {"kwargs": "nonsense"},
        {"headers": "[]"},
        {"minute": "61"},
        {"timezone": "Mars/Olympus"},
        {"expire_seconds": 5, "expires": datetime(2050, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_what_sql_has_broken_can_be_opened_and_mended(
    admin_client: Client, junk: dict[str, Any]
) -> None:
    rule = CrontabSchedule.objects.create(minute="5")
    schedule = PeriodicTask.objects.create(name="Junk", task="cleanup.run", crontab=rule)
    of_rule = {key: value for key, value in junk.items() if key in {"minute", "timezone"}}
    for column, value in of_rule.items():
        with connection.cursor() as cursor:
            sql = f"UPDATE django_celery_beat_crontabschedule SET {column} = %s"
            cursor.execute(sql, [value])
    others = {key: value for key, value in junk.items() if key not in of_rule}
    if "interval" in junk:
        others = {"crontab": None}
    if "crontab" in junk:
        others = {"interval": IntervalSchedule.objects.create(every=1, period="days")}
    PeriodicTask.objects.update(**others)
    saves(
        admin_client,
        schedule,
        when__kind="crontab",
        when__line="6 * * * *",
        when__timezone="UTC",
        headers="{}",
        expire_seconds="",
        **{"arguments-mode": "json", "arguments-args": "[]", "arguments-kwargs": "{}"},
    )
    schedule.refresh_from_db()
    assert (schedule.interval, schedule.crontab.minute, schedule.kwargs) == (None, "6", "{}")


def test_a_name_that_is_taken_is_refused(admin_client: Client) -> None:
    saves(admin_client, **NEW, when__line="@daily")
    assert "already exists" in words_of(post(admin_client, **NEW, when__line="@daily"))


def test_what_the_code_owns_is_shown_and_cannot_be_saved(admin_client: Client) -> None:
    saved = saves(admin_client, **NEW, when__line="@daily")
    posted = form_of(admin_client, saved)
    CodeSchedule.objects.create(schedule=saved, key="new-one")
    page = words_of(admin_client.get(address_of(saved)))
    assert "comes from the code" in page
    assert "At 00:00 every day" in page
    assert 'name="when-line"' not in page
    assert admin_client.post(address_of(saved), posted).status_code == 403


def test_a_saved_page_says_so_and_returns_to_where_the_button_says(admin_client: Client) -> None:
    answer: Any = post(admin_client, **NEW, when__line="@daily", _continue="1")
    schedule = PeriodicTask.objects.get(name="New one")
    assert answer.url == address_of(schedule)
    answer = post(admin_client, schedule)
    assert answer.url == reverse("admin:django_celery_beat_periodictask_changelist")
    assert "“New one” was saved" in words_of(admin_client.get(answer.url))


def test_a_page_of_a_schedule_that_is_gone_says_so(admin_client: Client) -> None:
    address = reverse("admin:django_celery_beat_periodictask_change", args=[12345])
    answer = admin_client.get(address, follow=True)
    assert "Perhaps it was deleted?" in answer.content.decode()


def test_no_shared_rows_are_left_of_a_page_that_is_refused(admin_client: Client) -> None:
    post(admin_client, **{**NEW, "name": ""}, when__line="1 2 3 4 *")
    for model in (CrontabSchedule, IntervalSchedule, ClockedSchedule, SolarSchedule):
        assert not model.objects.exists()
