"""The menu of the admin: one place for schedules, in our words, and only what a person may open."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client, RequestFactory
from django.urls import reverse

from scheduler_site.sidebar import sidebar
from tests.conftest import People

pytestmark = pytest.mark.django_db

LIST = "admin:django_celery_beat_periodictask_changelist"


def menu_of(user: User, address: str = "/admin/") -> dict[str, list[dict[str, Any]]]:
    """Return the lines of a person's menu by group."""
    request = RequestFactory().get(address)
    request.user = user
    return {group["title"]: group["items"] for group in sidebar(request)}


def titles(menu: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return what the lines say."""
    return {title: [item["title"] for item in items] for title, items in menu.items()}


def test_schedules_are_one_menu_in_our_words(people: People) -> None:
    groups = titles(menu_of(people.admin))
    assert list(groups)[:3] == ["Schedules", "Runs", "People"]
    assert {"Schedules", "Lints", "Calendars", "Tags"} <= set(groups["Schedules"])
    assert {"Crontabs", "Intervals"} <= set(groups["Shared rules of time"])


def test_every_model_of_the_admin_has_one_line(people: People) -> None:
    links = [item["link"] for items in menu_of(people.admin).values() for item in items]
    request = RequestFactory().get("/admin/")
    request.user = people.admin
    for app in admin.site.get_app_list(request):
        for model in app["models"]:
            assert links.count(model["admin_url"]) == 1, model["name"]


def test_a_person_sees_what_they_may_open_and_no_more(people: People) -> None:
    people.viewer.is_staff = True
    people.viewer.save()
    assert titles(menu_of(people.viewer)) == {"Runs": ["Runs"]}
    people.viewer.user_permissions.add(Permission.objects.get(codename="view_periodictask"))
    viewer = User.objects.get(pk=people.viewer.pk)
    groups = titles(menu_of(viewer))
    assert set(groups) == {"Schedules", "Runs"}
    assert groups["Schedules"][:2] == ["Schedules", "Lints"]
    assert not {"Calendars", "Tags"} & set(groups["Schedules"])


@pytest.mark.parametrize(("name", "line"), [(LIST, "Schedules"), ("admin:schedule_lints", "Lints")])
def test_the_line_of_the_page_is_marked_alone(people: People, name: str, line: str) -> None:
    menu = menu_of(people.admin, reverse(name))
    assert [item["title"] for items in menu.values() for item in items if item["active"]] == [line]


def test_the_pages_call_schedules_by_our_word(admin_client: Client) -> None:
    html = admin_client.get(reverse(LIST)).content.decode()
    assert "eriodic task" not in html.replace("django_celery_beat_periodictask", "")
    assert "Schedules" in html
