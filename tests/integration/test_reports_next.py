"""What a reader is told of the next version, of another day, and of what has changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client

from jobs.reports.content import Column, Content, Figure, Figures, Table
from jobs.reports.models import Version
from jobs.reports.periods import Period
from jobs.reports.registry import Definition
from jobs.reports.values import Cell, ValueType
from jobs.runs.states import State
from tests.integration.read_reports import (
    NOW,
    WEEKLY,
    declared,
    made,
    page,
    reader,
    run_of,
    schedule_of,
)

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    """Stand still."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("known")
def test_a_run_under_way_tells_how_far_it_is_and_then_offers_its_version(
    viewer_client: Client,
) -> None:
    version = made(now=NOW - WEEK)
    schedule = schedule_of(WEEKLY.slug)
    told = {"done": 40_000, "total": 100_000, "text": "row 40,000 of 100,000"}
    run = run_of(schedule, State.RUNNING, NOW, progress=told)
    address = f"/reports/{version.report_id}/making/?seen=1"
    fragment = page(viewer_client, address)
    assert 'max="100000" value="40000"' in fragment
    assert "row 40,000 of 100,000" in fragment
    assert 'hx-trigger="every 2s"' in fragment
    assert "is ready" not in fragment
    made()
    type(run).objects.update(state=State.SUCCEEDED, finished_at=NOW)
    fragment = page(viewer_client, address)
    assert "Version 2 is ready" in fragment
    assert 'hx-trigger="every 30s"' in fragment
    # Who reads the new one already is not told of it.
    assert "is ready" not in page(viewer_client, f"/reports/{version.report_id}/making/?seen=2")


@pytest.mark.usefixtures("known")
def test_a_page_shows_the_progress_without_a_script(viewer_client: Client) -> None:
    version = made()
    run_of(schedule_of(WEEKLY.slug), State.RUNNING, NOW, progress=None)
    text = page(viewer_client, version.get_absolute_url())
    assert "Due 09:30, running" in text
    assert "<progress" in text


def test_a_day_leads_to_the_version_about_it(viewer_client: Client) -> None:
    first, second = made(), made(now=NOW + WEEK)
    address = f"/reports/{first.report_id}/about/"
    for day, version in (("2026-11-16", first), ("2026-11-22", first), ("2026-11-29", second)):
        answer = viewer_client.get(address, {"day": day})
        assert answer["Location"] == version.get_absolute_url()
    for wrong in ("", "x", "2026-02-30", "0001-01-01", "9999-12-31"):
        assert viewer_client.get(address, {"day": wrong}).status_code == 400
    assert viewer_client.get(address, {"version": "2"})["Location"] == second.get_absolute_url()


def test_a_week_is_typed_and_a_mistake_in_it_gets_an_example(viewer_client: Client) -> None:
    version = made()
    address = f"/reports/{version.report_id}/about/"
    for week in ("2026-W47", " 2026 w47"):
        assert viewer_client.get(address, {"week": week})["Location"] == version.get_absolute_url()
    text = page(viewer_client, f"{address}?week=47", 400)
    assert "“47” is no week. Write one such as 2026-W47." in text
    assert 'type="week" name="week"' in text
    assert "No version about week 46 of 2026" in page(viewer_client, f"{address}?week=2026-W46")
    assert "No version about October 2026" in page(viewer_client, f"{address}?month=2026-10")


@pytest.fixture
def known() -> Iterator[Definition]:
    """Declare the weekly report for a test."""
    with declared() as definition:
        yield definition


def offer(client: Client, version: Version, day: str) -> Any:
    """Return what the page about a day without a version offers."""
    response = client.get(f"/reports/{version.report_id}/about/", {"day": day})
    assert response.status_code == 200
    return response.context["offer"]


def test_who_may_run_the_schedule_is_led_to_have_a_day_made(known: Definition) -> None:
    version, schedule = made(), schedule_of(WEEKLY.slug)
    operator, browser = reader("olga", Group.objects.get(name="Operator"))
    User.objects.filter(pk=operator.pk).update(is_staff=True)
    address = offer(browser, version, "2026-11-10").address
    assert address.startswith(f"/admin/django_celery_beat/periodictask/act/run/?ids={schedule.pk}&")
    form = browser.get(address).context["form"]
    # At the time of day at which the report was due before.
    assert form.initial["due_at"].isoformat() == "2026-11-10T09:30:00+00:00"
    assert 'value="2026-11-10T09:30:00"' in str(form["due_at"])


def test_who_may_not_run_it_gets_a_sentence(known: Definition, viewer_client: Client) -> None:
    version = made()
    assert offer(viewer_client, version, "2026-11-10").sentence.startswith("No schedule makes it.")
    schedule_of(WEEKLY.slug)
    found = offer(viewer_client, version, "2026-11-10")
    assert (found.address, found.sentence) == (
        "",
        "Ask an operator to run its schedule with the logical time 2026-11-10 09:30.",
    )
    later = offer(viewer_client, version, "2026-12-24").sentence
    assert later == "It can be made from 24 December 09:30 on."


def test_a_report_without_a_definition_makes_no_promise(viewer_client: Client) -> None:
    assert "definition is gone" in offer(viewer_client, made(), "2026-11-10").sentence


def test_the_page_of_a_report_tells_what_changed(viewer_client: Client) -> None:
    made()
    text = page(viewer_client, made(replace(WEEKLY, build=build_more)).get_absolute_url())
    assert "1,234 per day" in text
    assert "+66 per day" in text
    assert "(+5.3 %)" in text
    assert "1 row added, 1 changed" in text


def build_more(period: Period) -> Content:
    """Return the content of the week after."""
    rows: list[list[Cell]] = [["Ann", 6], ["Bo", 2]]
    return Content(
        f"About {period.label}.",
        [
            Figures([Figure("Runs", 1300, "per day")]),
            Table("Days", [Column("Name"), Column("Worth", ValueType.WHOLE)], rows),
        ],
    )


def test_all_changes_stand_on_a_page_against_any_version(viewer_client: Client) -> None:
    first = made()
    made()
    newest = made(replace(WEEKLY, build=build_more))
    address = f"{newest.get_absolute_url()}changes/"
    for query in ("", "?since=1"):
        changes = viewer_client.get(f"{address}{query}").context["changes"]
        [table] = changes.tables
        assert table.added_keys == ["Bo"]
        assert [row.key for row in table.changed_rows] == ["Ann"]
    assert "There is no earlier version" in page(
        viewer_client, f"{first.get_absolute_url()}changes/"
    )
    assert viewer_client.get(f"{address}?since=9").status_code == 404


def test_versions_of_other_parameters_are_not_compared(viewer_client: Client) -> None:
    Version.objects.filter(pk=made().pk).update(parameters={"shop": "Oslo"})
    context = viewer_client.get(made().get_absolute_url()).context
    assert (context["before"], context["changes"]) == (None, None)
