"""Who may see, preview and save a schedule's page, and what they get to see."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.actions.skip_next import skip_next
from beat.models import ScheduleDetails
from beat.reconcile.reconciling import reconcile
from tests.integration.editor_page import (
    ADD,
    address_of,
    form_of,
    mistakes_of,
    post,
    saves,
    words_of,
)
from tests.people import EVERYBODY, client_of, person, person_of

pytestmark = pytest.mark.django_db

PREVIEW = "admin:beat_schedule_preview"
MAY_SEE = {"viewer", "operator", "editor", "admin"}
MAY_CHANGE = {"editor", "admin"}


@pytest.fixture
def chief(db: None) -> Client:
    """Return the browser of somebody who may do everything."""
    return client_of(person("chief", "Admin"))


@pytest.fixture
def schedule(chief: Client) -> PeriodicTask:
    """Return a schedule that is due every day at nine, UTC."""
    return saves(chief, name="Daily", task="cleanup.run", when__line="0 9 * * *")


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_do_what_on_the_page(chief: Client, schedule: PeriodicTask, who: str) -> None:
    posted = form_of(chief, schedule)
    client = client_of(person_of(who))
    answers = {
        "see": client.get(address_of(schedule)).status_code == 200,
        "preview": client.post(f"{reverse(PREVIEW)}?schedule={schedule.pk}", posted).status_code
        == 200,
        "change": client.post(address_of(schedule), posted).status_code == 302
        and who in MAY_CHANGE,
        "add": client.get(reverse(ADD)).status_code == 200,
    }
    assert answers == {
        "see": who in MAY_SEE,
        "preview": who in MAY_SEE,
        "change": who in MAY_CHANGE,
        "add": who in MAY_CHANGE,
    }


def test_who_may_enter_the_admin_and_nothing_more_has_no_preview(
    chief: Client, schedule: PeriodicTask
) -> None:
    posted = form_of(chief, schedule)
    nobody = client_of(person("nobody"))
    for query in ("", f"?schedule={schedule.pk}"):
        assert nobody.post(reverse(PREVIEW) + query, posted).status_code == 403


@pytest.mark.parametrize("who", ["viewer", "operator"])
def test_a_refused_post_changes_nothing(chief: Client, schedule: PeriodicTask, who: str) -> None:
    posted = form_of(chief, schedule) | {"description": "Changed"}
    assert client_of(person_of(who)).post(address_of(schedule), posted).status_code == 403
    schedule.refresh_from_db()
    assert schedule.description == ""


def test_who_may_only_look_sees_all_of_it_and_no_form(schedule: PeriodicTask) -> None:
    page = words_of(client_of(person_of("viewer")).get(address_of(schedule)))
    assert "At 09:00 every day" in page
    assert "cleanup.run" in page
    assert "<table" in page
    assert 'name="when-line"' not in page
    assert 'name="_save"' not in page


def test_another_groups_schedule_is_shown_and_not_changed(
    chief: Client, schedule: PeriodicTask
) -> None:
    finance = Group.objects.create(name="Finance")
    ScheduleDetails.objects.create(schedule=schedule, owner=finance)
    posted = form_of(chief, schedule)
    stranger_to_it = client_of(person("other", "Editor"))
    assert 'name="when-line"' not in words_of(stranger_to_it.get(address_of(schedule)))
    assert stranger_to_it.post(address_of(schedule), posted).status_code == 403
    member = client_of(person("member", "Editor", "Finance"))
    assert 'name="when-line"' in words_of(member.get(address_of(schedule)))


def test_a_task_that_needs_a_permission_is_refused_to_others() -> None:
    editor = person("editor", "Editor")
    command = {"name": "Shell", "task": "commands.run", "when__line": "@daily"}
    filled: dict[str, Any] = {**command, "argument-command": "true"}
    answer = post(client_of(editor), **filled)
    assert "needs the permission commands.use_command_runner" in str(mistakes_of(answer))
    editor.user_permissions.add(Permission.objects.get(codename="use_command_runner"))
    assert saves(client_of(editor), **filled).task == "commands.run"


def test_without_a_script_a_button_shows_the_preview_and_saves_nothing(
    chief: Client, schedule: PeriodicTask
) -> None:
    answer = post(chief, schedule, when__line="15 4 * * *", _preview="1")
    assert "At 04:15 every day" in words_of(answer)
    assert 'value="15 4 * * *"' in words_of(answer)
    schedule.refresh_from_db()
    assert schedule.crontab.hour == "9"


def test_an_occurrence_that_was_skipped_by_hand_is_marked(
    chief: Client, schedule: PeriodicTask
) -> None:
    reconcile(timezone.now())
    skip_next([schedule.pk], Asker.at_command_line(), why="A holiday")
    assert "Skipped by hand." in words_of(chief.get(address_of(schedule)))
