"""Operators define schedules in the admin; its traps are closed."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from tests.integration.editor_page import post, saves, words_of

MODELS = (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule)
pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that runs every minute."""
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    return PeriodicTask.objects.create(
        name="Runs", task="reports.make", kwargs='{"report": "run-history"}', interval=every_minute
    )


def change_address(schedule: PeriodicTask) -> str:
    """Return the address of the schedule's form."""
    return reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_every_model_has_its_pages(admin_client: Client, model: type, page: str) -> None:
    address = reverse(f"admin:django_celery_beat_{model.__name__.lower()}_{page}")
    assert admin_client.get(address).status_code == 200


def test_the_tasks_that_are_known_are_offered(admin_client: Client, schedule: PeriodicTask) -> None:
    html = admin_client.get(change_address(schedule)).content.decode()
    assert '<option value="reports.make">' in html
    assert "celery.chord" not in html


def test_a_task_that_is_not_registered_here_stays_and_is_told(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    PeriodicTask.objects.filter(pk=schedule.pk).update(task="elsewhere.task")
    schedule.refresh_from_db()
    html = admin_client.get(change_address(schedule)).content.decode()
    assert "elsewhere.task" in html
    assert saves(admin_client, schedule, description="Changed").task == "elsewhere.task"


@pytest.mark.parametrize(
    ("value", "says"), [("[]", "Write a JSON object"), ("{", "This is not valid JSON")]
)
def test_headers_of_the_wrong_kind_are_refused_with_an_example(
    admin_client: Client, schedule: PeriodicTask, value: str, says: str
) -> None:
    answer = post(admin_client, schedule, headers=value)
    assert says in words_of(answer)
    schedule.refresh_from_db()
    assert schedule.headers != value


@pytest.mark.parametrize("action", ["run", "pause", "disable", "delete", "delete_selected"])
def test_who_may_only_view_has_no_bulk_actions(
    people: Any, viewer_client: Client, schedule: PeriodicTask, action: str
) -> None:
    reader: User = people.viewer
    reader.is_staff = True
    reader.save()
    reader.user_permissions.add(Permission.objects.get(codename="view_periodictask"))
    address = reverse("admin:django_celery_beat_periodictask_changelist")
    assert viewer_client.get(address).status_code == 200
    viewer_client.post(address, {"action": action, "_selected_action": [schedule.pk]})
    schedule.refresh_from_db()
    assert schedule.enabled


def test_the_lists_own_deletion_is_not_offered_beside_ours(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    address = reverse("admin:django_celery_beat_periodictask_changelist")
    assert "delete_selected" not in admin_client.get(address).content.decode()


def test_no_page_of_the_admin_asks_another_host(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    policy = admin_client.get(change_address(schedule))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
