"""A rule is never deleted under its schedules, and changed only by who may change all of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, ProtectedError
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from beat.access.rules_in_use import COLUMNS
from beat.models import Calendar, CodeSchedule, Policy, ScheduleDetails, Tag
from tests.people import client_of, person

pytestmark = pytest.mark.django_db

RULES: dict[str, Callable[[], Model]] = {
    "interval": lambda: IntervalSchedule.objects.create(every=1, period="hours"),
    "crontab": lambda: CrontabSchedule.objects.create(minute="0", hour="7"),
    "solar": lambda: SolarSchedule.objects.create(event="sunset", latitude=52, longitude=13),
    "clocked": lambda: ClockedSchedule.objects.create(
        clocked_time=datetime(2030, 1, 1, tzinfo=UTC)
    ),
}
WAYS: dict[str, Callable[[Model], Any]] = {
    "one by one": lambda rule: rule.delete(),
    "as a query": lambda rule: type(rule)._default_manager.filter(pk=rule.pk).delete(),
}


def use(kind: str) -> tuple[Model, PeriodicTask]:
    """Return a rule of a kind and the schedule that uses it."""
    rule = RULES[kind]()
    columns: dict[str, Any] = {kind: rule, "one_off": kind == "clocked"}
    return rule, PeriodicTask.objects.create(name=f"By {kind}", task="a.b", **columns)


def page(rule: Model, name: str) -> str:
    """Return the address of a page of the rule in the admin."""
    arguments = [] if name == "changelist" else [rule.pk]
    return reverse(f"admin:{rule._meta.app_label}_{rule._meta.model_name}_{name}", args=arguments)


@pytest.fixture
def editor_client() -> Client:
    """Return the browser of an editor."""
    return client_of(person("editor", "Editor"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", COLUMNS.values())
def test_django_deletes_no_rule_that_a_schedule_uses(kind: str, way: str) -> None:
    rule, schedule = use(kind)
    words = f"is used by By {kind}. Give them another rule"
    with pytest.raises(ProtectedError, match=words), transaction.atomic():
        WAYS[way](rule)
    assert PeriodicTask.objects.filter(pk=schedule.pk).exists()
    assert type(rule)._default_manager.filter(pk=rule.pk).exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", COLUMNS.values())
def test_a_rule_that_nobody_uses_is_deleted(kind: str, way: str) -> None:
    rule, schedule = use(kind)
    schedule.delete()
    WAYS[way](rule)
    assert not type(rule)._default_manager.exists()


@pytest.mark.parametrize("kind", COLUMNS.values())
def test_the_page_and_the_list_refuse_with_a_sentence(kind: str, editor_client: Client) -> None:
    rule, schedule = use(kind)
    bulk = {"action": "delete_selected", "_selected_action": [rule.pk]}
    for address, values in ((page(rule, "delete"), {}), (page(rule, "changelist"), bulk)):
        asked = editor_client.post(address, values)
        assert f"is used by By {kind}" in asked.content.decode()
        editor_client.post(address, values | {"post": "yes"})
    assert PeriodicTask.objects.filter(pk=schedule.pk).exists()


def test_an_unused_rule_is_deleted_by_its_page_and_recorded(editor_client: Client) -> None:
    rule = RULES["crontab"]()
    assert editor_client.post(page(rule, "delete"), {"post": "yes"}).status_code == 302
    assert not CrontabSchedule.objects.exists()
    [entry] = LogEntry.objects.all()
    assert (entry.object_repr, entry.additional_data["action"]) == ("0 7 * * *", "delete")


def test_the_page_of_a_rule_names_the_schedules_that_it_changes(editor_client: Client) -> None:
    rule, _ = use("interval")
    assert "By interval" in editor_client.get(page(rule, "change")).content.decode()


def test_editing_a_rule_is_recorded_with_each_schedule_that_uses_it(editor_client: Client) -> None:
    rule, schedule = use("interval")
    values = {"every": 2, "period": "hours", "why": "too often"}
    assert editor_client.post(page(rule, "change"), values).status_code == 302
    by_model = {entry.content_type.model: entry for entry in LogEntry.objects.all()}
    assert by_model["intervalschedule"].changes["rule"] == ["every 1 hours", "every 2 hours"]
    told = by_model["periodictask"]
    assert told.object_id == schedule.pk
    assert told.changes["rule"] == ["every 1 hours", "every 2 hours"]
    assert (told.additional_data["by"], told.additional_data["why"]) == ("editor", "too often")


@pytest.mark.parametrize("owned_by", ["others", "the code"])
def test_a_rule_is_not_changed_by_who_may_not_change_its_schedules(
    owned_by: str, editor_client: Client
) -> None:
    rule, schedule = use("interval")
    if owned_by == "others":
        owner = Group.objects.create(name="finance")
        ScheduleDetails.objects.create(schedule=schedule, owner=owner)
    else:
        CodeSchedule.objects.create(schedule=schedule)
    shown = editor_client.get(page(rule, "change")).content.decode()
    assert "You cannot change it here" in shown
    assert "open that schedule and say so under “When”" in shown
    answer = editor_client.post(page(rule, "change"), {"every": 2, "period": "hours"})
    assert answer.status_code == 403
    assert IntervalSchedule.objects.get().every == 1


def test_a_calendar_and_a_tag_are_kept_by_the_owner_of_a_schedule(editor_client: Client) -> None:
    _, schedule = use("interval")
    calendar, tag = Calendar.objects.create(name="Closed"), Tag.objects.create(name="night")
    Policy.objects.create(schedule=schedule, calendar=calendar)
    details = ScheduleDetails.objects.create(schedule=schedule)
    details.tags.add(tag)
    for shared in (calendar, tag):
        assert editor_client.get(page(shared, "delete")).status_code == 200
    details.owner = Group.objects.create(name="finance")
    details.save()
    for shared in (calendar, tag):
        assert editor_client.post(page(shared, "change"), {"name": "X"}).status_code == 403
        assert editor_client.post(page(shared, "delete"), {"post": "yes"}).status_code == 403
    assert (
        client_of(person("member", "Editor", "finance")).get(page(tag, "delete")).status_code == 200
    )
