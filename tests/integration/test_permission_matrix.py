"""Every page, every bulk action and every action function, asked for by everybody.

The table says the least who may (`permission_table.py`). Whatever is added to the site without
an entry in it fails here. On SQLite alone: who may is decided in Python from the same few rows;
what the pages show and the actions do is tested on both databases elsewhere.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from beat.access.asker import Asker
from beat.api.tokens import make_token
from beat.asking.verbs import VERBS
from jobs.reports import urls as reports
from tests.integration.permission_table import (
    ACTIONS,
    API,
    BULK_ACTIONS,
    NOBODY,
    PAGES,
    PEOPLE,
    ROWS,
    SCHEDULES,
    Page,
    Rows,
    asked,
    may,
)
from tests.integration.permission_world import World, make_world

# What a page answers to who may: the page, its questions about what was filled in, or "done".
ANSWERS = {200, 201, 202, 302, 400, 422}
REFUSALS = {401, 403, 404, 405}
LOGIN = re.compile(r"^/(admin/)?login/\?next=")
APP_LISTS = re.compile(r"^admin/\^\(\?P<app_label>")
# The pages that the admin makes for each model, below the model's own address.
CHANGE, DELETE = "<path:object_id>/change/", "<path:object_id>/delete/"

pytestmark = pytest.mark.one_database("sqlite")


@pytest.fixture
def world(db: None, artefacts_folder: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return everybody and one of everything. Pages are answered and not put into HTML."""
    # Whether somebody may is decided before; HTML is nine tenths of the work.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    return make_world()


def routes() -> list[str]:
    """Return the address pattern of every page of the site."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: Any, prefix: str) -> Iterator[str]:
    for each in patterns:
        route = f"{prefix}{each.pattern}"
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _walk(each.url_patterns, route)


def pages_of_rows(model: str, least: Rows) -> dict[str, Page]:
    """Return the admin's pages of a model."""
    base = f"admin/{model.replace('.', '/')}/"
    return {
        base: Page(least.view, least.view),
        f"{base}add/": Page(least.add, least.add),
        f"{base}<path:object_id>/": Page("newcomer", "newcomer"),
        f"{base}<path:object_id>/history/": Page(least.view, least.view),
        f"{base}{CHANGE}": Page(least.view, least.change),
        f"{base}{DELETE}": Page(least.delete, least.delete),
    }


def table() -> dict[str, Page]:
    """Return the whole table: the pages, and those that the admin makes of each model."""
    of_rows = [pages_of_rows(model, least) for model, least in ROWS.items()]
    return {route: page for pages in of_rows for route, page in pages.items()} | PAGES


TABLE = table()
# One pattern for all actions, which have tests of their own; and everybody may leave the admin.
ELSEWHERE = {f"{SCHEDULES}act/<slug:verb_name>/", "admin/logout/"}
ELSEWHERE |= {f"reports/{page.pattern}" for page in reports.urlpatterns}


def test_every_address_of_the_site_is_in_the_table() -> None:
    found = {route for route in routes() if not APP_LISTS.match(route)} - ELSEWHERE
    assert found == TABLE.keys()
    assert {route for _, route in API} == {route for route in found if route.startswith("api/")}


def test_a_page_of_the_site_is_for_whom_the_table_says(world: World) -> None:
    assert_as_in_the_table(world, PAGES)


@pytest.mark.parametrize("model", ROWS)
def test_a_page_of_the_admin_is_for_whom_the_table_says(world: World, model: str) -> None:
    assert_as_in_the_table(world, pages_of_rows(model, ROWS[model]))


def assert_as_in_the_table(world: World, pages: dict[str, Page]) -> None:
    """Ask for each page as everybody, to read it and to write."""
    expected = {
        (route, who): (may(who, page.get), may(who, page.post))
        for route, page in pages.items()
        for who in asked(page.get, page.post)
    }
    assert {
        (route, who): tuple(
            is_answered(world, who, method, f"{fill_in(route, world)}?{pages[route].query}")
            for method in ("get", "post")
        )
        for route, who in expected
    } == expected


def fill_in(route: str, world: World) -> str:
    """Return an address of the route; in the admin, of its model's row."""
    values = dict(TABLE[route].values)
    model = ".".join(route.split("/")[1:3])
    if model in world.rows and route not in PAGES:
        values["object_id"] = str(world.rows[model].pk)
    return world.address_of(route, **values)


def is_answered(
    world: World, who: str, method: str, address: str, data: dict[str, Any] | None = None
) -> bool:
    """Return whether the person gets an answer there; takes back what it changed."""
    with transaction.atomic():
        response = getattr(world.browser_of(who), method)(address, data or {})
        # The file of a download; closing the response would close the database connection too.
        for close in response._resource_closers:
            close()
        transaction.set_rollback(True)
    return not is_refused(response)


def is_refused(response: Any) -> bool:
    """Return whether it is a refusal, or the way to the login; any other status fails."""
    assert response.status_code in ANSWERS | REFUSALS, response.status_code
    if response.status_code == 302:
        return bool(LOGIN.match(response["Location"]))
    return response.status_code in REFUSALS


@pytest.mark.parametrize("app", ["beat", "django_celery_beat", "runs", "auditlog"])
def test_the_list_of_an_apps_models_is_for_viewers(world: World, app: str) -> None:
    answered = [who for who in PEOPLE if is_answered(world, who, "get", f"/admin/{app}/")]
    assert answered == [who for who in PEOPLE if may(who, "viewer")]


def test_every_action_is_in_the_table() -> None:
    assert ACTIONS.keys() == VERBS.keys()


ANSWER: dict[str, Any] = {
    "is_confirmed": "yes",
    "is_counted": "yes",
    "why": "because",
    "missed": "none",
    "from_at": "2026-11-20T00:00",
    "before_at": "2026-11-20T00:02",
    "at_most": 1,
    "pace_seconds": 0,
    "since": "2026-11-20T00:00",
}


def test_the_page_of_an_action_is_for_whom_the_table_says(world: World) -> None:
    about = {"ids": world.rows["django_celery_beat.periodictask"].pk}
    expected = {
        (verb, who): may(who, least) for verb, least in ACTIONS.items() for who in asked(least)
    }
    for method, values in (("get", about), ("post", about | ANSWER)):
        assert {
            (verb, who): is_answered(world, who, method, f"/{SCHEDULES}act/{verb}/", values)
            for verb, who in expected
        } == expected


def test_a_bulk_action_is_offered_to_whom_the_table_says(world: World) -> None:
    for model, least in ((model, ROWS[model].view) for model in ROWS):
        site = admin.site.get_model_admin(type(world.rows[model]))
        # Whoever may see no list has no action, whatever the admin would offer.
        for who in (each for each in PEOPLE if may(each, least)):
            request: Any = RequestFactory().get("/")
            request.user = world.people[who]
            expected = {name for name, least in BULK_ACTIONS[model].items() if may(who, least)}
            assert set(site.get_actions(request)) == expected, (model, who)


def test_posting_a_bulk_action_deletes_only_for_whom_the_table_says(world: World) -> None:
    deleting = {model: BULK_ACTIONS[model].get("delete_selected", NOBODY) for model in ROWS}
    for model, who in ((model, who) for model, least in deleting.items() for who in asked(least)):
        row, address = world.rows[model], f"/admin/{model.replace('.', '/')}/"
        values = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        with transaction.atomic():
            world.browser_of(who).post(address, values)
            is_there = type(row)._default_manager.filter(pk=row.pk).exists()
            transaction.set_rollback(True)
        assert is_there != may(who, deleting[model]), (model, who)


def test_every_model_of_the_admin_is_in_the_table() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered == ROWS.keys()


def test_an_action_function_asks_for_the_permission_itself(world: World) -> None:
    schedule = world.rows["django_celery_beat.periodictask"]
    people = {who: person for who, person in world.people.items() if person is not None}
    for verb, who in product(ACTIONS, people):
        form = VERBS[verb].form(ANSWER)
        assert form.is_valid(), form.errors
        with transaction.atomic():
            asker = Asker(people[who].pk, who, "API")
            outcome = VERBS[verb].do([schedule.pk], asker, form.cleaned_data)
            transaction.set_rollback(True)
        is_refused_ = bool(outcome.refused)
        assert is_refused_ != may(who, ACTIONS[verb]), (verb, who, outcome.sentences())


def test_the_api_is_for_whom_the_table_says(world: World) -> None:
    schedule = {"schedule_id": str(world.rows["django_celery_beat.periodictask"].pk)}
    tokens = {who: make_token(person, "test")[1] for who, person in world.people.items() if person}
    expected = {(*each, who): may(who, API[each]) for each in API for who in asked(API[each])}
    assert {
        (method, route, who): is_answered_by_the_api(
            method, world.address_of(route, **schedule), tokens.get(who)
        )
        for method, route, who in expected
    } == expected


def body_for(address: str) -> dict[str, Any]:
    """Return what this address wants to be sent."""
    match address.rpartition("/")[2]:
        case "pause":
            return {"reason": "because"}
        case "backfill":
            return {"from_at": "2026-01-01T08:00Z", "before_at": "2026-01-01T09:00Z"}
        case "retry-failed":
            return {"since": "2026-01-01T00:00Z"}
        case "schedules" | "1":
            return {"name": "By the API", "task": "tests.add", "when": {"every": "1 hour"}}
    return {}


def is_answered_by_the_api(method: str, address: str, token: str | None) -> bool:
    """Return whether the API answers to who has the token; takes back what it changed."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with transaction.atomic():
        response = Client().generic(
            method.upper(),
            address,
            json.dumps(body_for(address)),
            "application/json",
            headers=headers,
        )
        transaction.set_rollback(True)
    return not is_refused(response)
