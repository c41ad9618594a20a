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

MODELS = (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule)
pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that runs every minute."""
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    return PeriodicTask.objects.create(name="Runs", task="reports.make", interval=every_minute)


def form_of(schedule: PeriodicTask, **changes: Any) -> dict[str, Any]:
    """Return what a browser would post for this schedule."""
    values = {
        "name": schedule.name,
        "regtask": schedule.task,
        "task": schedule.task,
        "enabled": "on",
        "interval": schedule.interval_id,
        "args": schedule.args,
        "kwargs": schedule.kwargs,
        "headers": schedule.headers,
        "policy-TOTAL_FORMS": 0,
        "policy-INITIAL_FORMS": 0,
    }
    return values | changes


def change_address(schedule: PeriodicTask) -> str:
    """Return the address of the schedule's form."""
    return reverse("admin:django_celery_beat_periodictask_change", args=[schedule.pk])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_every_model_has_its_pages(admin_client: Client, model: type, page: str) -> None:
    address = reverse(f"admin:django_celery_beat_{model.__name__.lower()}_{page}")
    assert admin_client.get(address).status_code == 200


def test_the_select_of_tasks_is_prefilled_on_edit(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    html = admin_client.get(change_address(schedule)).content.decode()
    assert '<option value="reports.make" selected' in html


def test_a_task_that_is_not_registered_stays_selected(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    PeriodicTask.objects.filter(pk=schedule.pk).update(task="elsewhere.task")
    schedule.refresh_from_db()
    html = admin_client.get(change_address(schedule)).content.decode()
    assert '<option value="elsewhere.task" selected' in html
    assert "not registered here" in html
    admin_client.post(change_address(schedule), form_of(schedule))
    schedule.refresh_from_db()
    assert schedule.task == "elsewhere.task"


def test_the_task_that_was_changed_counts(admin_client: Client, schedule: PeriodicTask) -> None:
    admin_client.post(change_address(schedule), form_of(schedule, regtask="feedback.thank"))
    schedule.refresh_from_db()
    assert schedule.task == "feedback.thank"
    admin_client.post(change_address(schedule), form_of(schedule, task="elsewhere.task"))
    schedule.refresh_from_db()
    assert schedule.task == "elsewhere.task"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("headers", "[]", "Write a JSON object"),
        ("headers", "{", "This is not valid JSON"),
        ("args", "{}", "Write a JSON list"),
        ("kwargs", "[1]", "Write a JSON object"),
        ("kwargs", "nonsense", "This is not valid JSON"),
    ],
)
def test_json_of_the_wrong_kind_is_refused_with_an_example(
    admin_client: Client, schedule: PeriodicTask, field: str, value: str, says: str
) -> None:
    answer = admin_client.post(change_address(schedule), form_of(schedule, **{field: value}))
    assert answer.status_code == 200
    assert says in answer.content.decode()
    schedule.refresh_from_db()
    assert getattr(schedule, field) != value


@pytest.mark.parametrize("action", ["run_tasks", "disable_tasks", "enable_tasks", "toggle_tasks"])
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


def test_an_admin_disables_in_bulk(admin_client: Client, schedule: PeriodicTask) -> None:
    address = reverse("admin:django_celery_beat_periodictask_changelist")
    admin_client.post(address, {"action": "disable_tasks", "_selected_action": [schedule.pk]})
    schedule.refresh_from_db()
    assert not schedule.enabled


def test_no_page_of_the_admin_asks_another_host(
    admin_client: Client, schedule: PeriodicTask
) -> None:
    policy = admin_client.get(change_address(schedule))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
