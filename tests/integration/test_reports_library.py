"""The library of reports: what is found, marked and told about how fresh it is."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import PeriodicTask

from beat.models import Timer
from jobs.reports.models import ReaderMark, Report, ReportTag, Version
from jobs.reports.reading.marks import note_read, set_favourite
from jobs.runs.states import State
from jobs.runs.usage import Call, last_uses, tasks_with_usage
from tests.integration.read_reports import (
    NOW,
    WEEKLY,
    declared,
    made,
    only_for,
    page,
    reader,
    run_of,
    schedule_of,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
UNREAD = '<span class="badge new">unread</span>'


@pytest.fixture
def known() -> Iterator[None]:
    """Declare the weekly report for a test."""
    with declared():
        yield


def titles(client: Client, query: str = "") -> list[str]:
    """Return the titles that the library shows, in their order."""
    library = client.get(f"/reports/?{query}").context["library"]
    return [card.report.title for card in library.cards]


def test_the_library_shows_the_latest_version_of_each_report(viewer_client: Client) -> None:
    made()
    latest = made(now=NOW + timedelta(days=7))
    text = page(viewer_client, "/reports/")
    assert "Weekly numbers" in text
    assert f'href="/reports/{latest.report_id}/"' in text
    assert "About 23 \N{EN DASH} 29 November 2026." in text
    assert "About 16 \N{EN DASH} 22 November 2026." not in text


def test_a_report_is_unread_until_its_latest_version_was_read(viewer_client: Client) -> None:
    first = made()
    assert UNREAD in page(viewer_client, "/reports/?q=weekly")
    page(viewer_client, first.get_absolute_url())
    assert UNREAD not in page(viewer_client, "/reports/?q=weekly")
    second = made()
    assert UNREAD in page(viewer_client, "/reports/?q=weekly")
    viewer_client.get(f"{second.get_absolute_url()}download/csv").getvalue()
    assert UNREAD not in page(viewer_client, "/reports/?q=weekly")
    # Reading an old version again takes nothing back.
    page(viewer_client, first.get_absolute_url())
    assert ReaderMark.objects.get().read_number == 2


def test_a_report_knows_when_it_was_last_read_and_writes_it_once_an_hour() -> None:
    version, (user, _) = made(), reader("ada")
    seen = []
    for minutes in (0, 59, 61):
        note_read(user, version, NOW + timedelta(minutes=minutes))
        seen.append(Report.objects.get().last_read_at)
    assert seen == [NOW, NOW, NOW + timedelta(minutes=61)]
    assert last_uses("reports.make", [Call(kwargs={"report": "weekly"})]) == [seen[-1]]


def test_of_a_report_that_nobody_read_it_is_known_since_when_it_is_there() -> None:
    report = made().report
    assert "reports.make" in tasks_with_usage()
    calls = [Call(kwargs={"report": "weekly"}), Call(args=["of nobody"])]
    assert last_uses("reports.make", calls) == [report.added_at, None]
    assert last_uses("tests.add", [Call()]) == [None]


def test_a_favourite_is_marked_and_unmarked_and_found(viewer_client: Client) -> None:
    address = f"/reports/{made().report_id}/favourite/"
    for _ in range(2):
        answer = viewer_client.post(address, {"wanted": "yes", "next": "/reports/?q=w"})
        assert answer["Location"] == "/reports/?q=w"
    assert titles(viewer_client, "show=favourites") == ["Weekly numbers"]
    answer = viewer_client.post(address, {"wanted": "no", "next": "https://example.org/"})
    assert answer["Location"] == address.removesuffix("favourite/")
    assert titles(viewer_client, "show=favourites") == []


def test_words_and_tags_narrow_and_every_address_keeps_the_rest(viewer_client: Client) -> None:
    report = made().report
    report.tags.add(ReportTag.objects.create(name="money & more"))
    query = "q=NUMBERS&tag=money+%26+more"
    assert titles(viewer_client, query) == ["Weekly numbers"]
    assert titles(viewer_client, "q=numbers&tag=team") == []
    context = viewer_client.get(f"/reports/?{query}").context
    assert context["choices"][2]["address"] == f"/reports/?{query}&show=unread"
    assert context["tags"][0]["address"] == "/reports/?q=NUMBERS"


def test_a_reader_sees_counts_and_tags_of_their_own_reports_only(viewer_client: Client) -> None:
    report = made().report
    report.tags.add(ReportTag.objects.create(name="secret-tag"))
    finance = only_for(report, "finance")
    text = page(viewer_client, "/reports/")
    assert "Weekly numbers" not in text
    assert "secret-tag" not in text
    _, insider = reader("ada", finance)
    assert "Weekly numbers" in titles(insider)
    library = viewer_client.get("/reports/").context["library"]
    assert library.counts[""] == insider.get("/reports/").context["library"].counts[""] - 1


def test_an_owner_in_no_group_finds_a_report_of_two_groups_once(viewer_client: Client) -> None:
    report = made().report
    only_for(report, "finance")
    report.groups.add(only_for(made(OTHER).report, "sales"))
    Report.objects.filter(pk=report.pk).update(owner=User.objects.get(username="viewer"))
    assert titles(viewer_client, "q=weekly") == ["Weekly numbers"]
    page(viewer_client, report.get_absolute_url())


OTHER = replace(WEEKLY, slug="other", title="Other numbers")


def test_a_report_that_was_never_made_stands_last_and_says_when_it_comes(
    viewer_client: Client,
) -> None:
    made()
    text = page(viewer_client, "/reports/")
    assert titles(viewer_client)[0] == "Weekly numbers"
    assert "Weather of the week" in titles(viewer_client)
    assert "Not made yet" in text
    assert "No schedule makes it." in text


@pytest.mark.usefixtures("known")
def test_freshness_tells_what_is_due_running_and_there(viewer_client: Client) -> None:
    made(now=NOW - DAY)
    schedule = schedule_of(WEEKLY.slug)
    Timer.objects.update_or_create(schedule=schedule, defaults={"due_at": NOW + DAY})
    early = NOW.replace(hour=6, minute=0)
    took = {"finished_at": early - DAY + timedelta(minutes=14)}
    run_of(schedule, State.SUCCEEDED, early - DAY, started_at=early - DAY, **took)
    run_of(schedule, State.RUNNING, early)
    with time_machine.travel(early + timedelta(minutes=5), tick=False):
        text = page(viewer_client, "/reports/?q=weekly")
    assert "Due 06:00, running, usually ready by 06:14; last good copy from yesterday." in text


@pytest.mark.usefixtures("known")
def test_a_broken_schedule_spoils_no_page(viewer_client: Client) -> None:
    made()
    for kwargs in ("{", "[]", '{"report": 7}', "null"):
        schedule_of(WEEKLY.slug, kwargs=kwargs)
    schedule_of(WEEKLY.slug, args='["weekly"]', kwargs="{}", enabled=False)
    assert "Its schedule is switched off." in page(viewer_client, "/reports/?q=weekly")


def test_the_home_page_shows_favourites_unread_ones_and_the_latest_each_once(
    viewer_client: Client,
) -> None:
    hidden = made(replace(WEEKLY, slug="hidden", title="For others"))
    only_for(hidden.report, "finance")
    read, unread = made(), made(OTHER)
    viewer = User.objects.get(username="viewer")
    note_read(viewer, read, NOW)
    assert shelves(viewer_client) == [
        ("Unread reports", ["Other numbers"]), ("Latest reports", ["Weekly numbers"]),
    ]  # fmt: skip
    set_favourite(viewer.pk, unread.report, True)
    assert shelves(viewer_client) == [
        ("Your favourites", ["Other numbers"]), ("Latest reports", ["Weekly numbers"]),
    ]  # fmt: skip


def shelves(client: Client) -> list[tuple[str, list[str]]]:
    """Return what the home page shows of reports."""
    found = client.get("/").context["shelves"]
    return [(shelf.title, [card.report.title for card in shelf.cards]) for shelf in found]


def test_the_library_asks_as_often_for_a_thousand_reports_as_for_one(
    viewer_client: Client,
) -> None:
    version = made()
    schedule_of(WEEKLY.slug)
    page(viewer_client, "/reports/")
    with CaptureQueriesContext(connection) as few:
        page(viewer_client, "/reports/")
    many_reports(version)
    with CaptureQueriesContext(connection) as many:
        page(viewer_client, "/reports/")
    assert len(few) == len(many) <= 15
    assert not any('"content"' in query["sql"] for query in many)


def many_reports(like: Version) -> None:
    """Add a thousand reports, each with a schedule and two versions."""
    slugs = [f"many-{number}" for number in range(1000)]
    reports = Report.objects.bulk_create([Report(slug=slug, title=slug) for slug in slugs])
    like.content, like.pk = {}, None
    Version.objects.bulk_create(
        copy_of(like, report, number) for report in reports for number in (1, 2)
    )
    template = schedule_of("many")
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=slug, task=template.task, interval=template.interval, args=f'["{slug}"]')
        for slug in slugs
    )


def copy_of(version: Version, report: Report, number: int) -> Version:
    """Return an unsaved version of another report that differs in nothing else."""
    made_again = copy(version)
    made_again.report, made_again.number = report, number
    return made_again
