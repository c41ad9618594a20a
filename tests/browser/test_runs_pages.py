"""Runs and workers in a real browser: filtered, watched, cancelled and started again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from beat.models import Beat
from jobs.runs.models import Attempt, Run, RunLog, Worker
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import Kind, State
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PHONE: ViewportSize = {"width": 390, "height": 844}
LONG_WORD = "/var/lib/punctual/artefacts/" + "x" * 120


def made(state: State, **facts: Any) -> Run:
    """Return a run in `state`."""
    values: dict[str, Any] = {"id": uuid4(), "task": "reports.make", "due_at": NOW}
    return Run.objects.create(**values | {"publish_at": NOW, "state": state} | facts)


@pytest.fixture
def failed() -> Run:
    """Return a failed run with everything that a page of a run can show."""
    run = made(
        State.FAILED,
        attempt=2,
        failures=2,
        queued_at=NOW,
        started_at=NOW + timedelta(seconds=1),
        finished_at=NOW + timedelta(seconds=9),
        reason_text=f"OSError: {LONG_WORD}",
        error=f"OSError: {LONG_WORD}",
        traceback="Traceback (most recent call last):",
        kwargs={"address": LONG_WORD},
        result={"links": [{"title": "Version 7", "url": "/reports/1/"}]},
        worker="celery@one",
    )
    Attempt.objects.create(
        run=run, number=1, outcome=Outcome.LOST, started_at=NOW, ended_at=NOW, error="It died."
    )
    RunLog.objects.create(run=run, attempt=2, text=f"{LONG_WORD}\n" * 99, dropped_bytes=9999)
    made(State.SUCCEEDED, parent=run, task="webhooks.deliver")
    return run


@pytest.fixture
def heartbeats() -> None:
    """Make a worker that is well, one that is silent, and a beat."""
    now = timezone.now()
    for name, ago in (("celery@well", timedelta()), ("celery@silent", timedelta(hours=1))):
        Worker.objects.create(
            id=uuid4(),
            name=name,
            host="host",
            pid=7,
            queues=["default"],
            concurrency=2,
            version="0.1.0",
            started_at=NOW,
            heartbeat_at=now - ago,
            pool_seen_at=now,
        )
    Beat.objects.create(name="host:7:x", host="host", pid=7, started_at=NOW, last_tick_at=now)


def what_scrolls_sideways(page: Page) -> list[str]:
    """Return the elements, the page itself among them, that are wider than what they show."""
    return list(
        page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll('#content *')]
                .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
                .filter(one => !['visible', 'clip'].includes(getComputedStyle(one).overflowX)
                    || one === document.documentElement)
                .filter(one => !one.matches('input, select'))
                .map(one => one.outerHTML.slice(0, 80))"""
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_runs_and_workers_is_accessible_and_fits(
    scheme: Any,
    width: int,
    failed: Run,
    heartbeats: None,
    people: People,
    live_site: LiveSite,
    page: Page,
) -> None:
    running = made(
        State.RUNNING, started_at=NOW, progress={"done": 4, "total": 9, "text": LONG_WORD}
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    live_site.sign_in(page, people.admin)
    for address in (
        "/runs/?task=reports.make&state=failed",
        "/runs/?task=no.such&since=nonsense",
        f"/runs/{failed.id}/",
        f"/runs/{running.id}/",
        f"/runs/{failed.id}/retry/",
        f"/runs/{running.id}/cancel/",
        "/runs/workers/",
    ):
        answer = page.goto(f"{live_site.url}{address}")
        assert answer, address
        assert answer.status == (400 if "nonsense" in address else 200), address
        assert violations(page) == [], address
        assert what_scrolls_sideways(page) == [], address


def test_the_history_is_filtered_on_a_phone_by_keyboard_and_without_script(
    failed: Run, people: People, live_site: LiveSite, browser: Any
) -> None:
    made(State.SUCCEEDED, task="feeds.fetch", kind=Kind.MANUAL)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    live_site.sign_in(page, people.viewer)
    page.goto(f"{live_site.url}/runs/")
    expect(page.get_by_role("rowheader")).to_have_count(3)
    page.locator(".filters summary").press("Enter")
    page.get_by_label("Task").fill("feeds.fetch")
    page.get_by_label("Kind").select_option("manual")
    page.get_by_label("Due from").fill("2026-11-21T09:30")
    page.get_by_label("Due before").fill("2026-11-21T09:31")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("rowheader")).to_have_text(["feeds.fetch"])
    expect(page.get_by_label("Task")).to_have_value("feeds.fetch")
    expect(page.get_by_label("Due from")).to_have_value("2026-11-21T09:30")
    page.get_by_role("link", name="Failed").press("Enter")
    expect(page.get_by_text("No run is what you look for.")).to_be_visible()
    page.get_by_role("link", name="Show all").press("Enter")
    expect(page.get_by_role("rowheader")).to_have_count(3)
    context.close()


def test_the_page_of_a_run_follows_it_to_its_end_by_itself(
    people: People, live_site: LiveSite, page: Page
) -> None:
    running = made(State.RUNNING, started_at=NOW, progress={"done": 1, "total": 9, "text": "rows"})
    live_site.sign_in(page, people.viewer)
    page.goto(f"{live_site.url}/runs/{running.id}/")
    expect(page.get_by_text("1 of 9 rows")).to_be_visible()
    Run.objects.filter(id=running.id).update(progress={"done": 5, "total": 9, "text": "rows"})
    expect(page.get_by_text("5 of 9 rows")).to_be_visible(timeout=20_000)
    Run.objects.filter(id=running.id).update(state=State.SUCCEEDED, finished_at=NOW, result=42)
    expect(page.locator("#run .badge").first).to_have_text("Succeeded", timeout=20_000)
    expect(page.get_by_text("42", exact=True)).to_be_visible()
    expect(page.locator("[hx-trigger]")).to_have_count(0)


def test_an_operator_cancels_a_run_and_starts_it_again_by_keyboard(
    people: People, live_site: LiveSite, page: Page
) -> None:
    waiting = made(State.PENDING)
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/runs/{waiting.id}/")
    page.get_by_role("link", name="Cancel").press("Enter")
    page.get_by_label("Reason").fill("not today")
    page.get_by_role("button", name="Cancel it").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("cancelled before it started")
    expect(page.get_by_text("not today")).to_be_visible()
    page.get_by_role("link", name="Start again").press("Enter")
    page.get_by_role("button", name="Start it again").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is started again as a new run.")
    assert Run.objects.get(parent=waiting).kind == Kind.RETRY


def test_runs_are_started_again_together_in_the_admin(
    people: People, live_site: LiveSite, page: Page
) -> None:
    for _ in range(2):
        made(State.FAILED)
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/admin/runs/run/")
    for box in page.locator("input.action-select").all():
        box.check()
    page.locator("select[name=action]").select_option("retry_selected")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Start again 2 runs?")).to_be_visible()
    page.get_by_role("button", name="Start again: 2").click()
    expect(page.get_by_text("Start again: done for 2.")).to_be_visible()
    assert Run.objects.filter(kind=Kind.RETRY, state=State.PENDING).count() == 2
