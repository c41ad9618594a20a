"""Actions on schedules in a real browser: pause, backfill, run now, by keyboard and on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from playwright.sync_api import Page, ViewportSize, expect

from beat.backfills.going_on import go_on
from beat.models import Backfill, Policy
from beat.publish.publishing import publish
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People
from tests.integration.acting import every_minute, trail
from tests.servers.celery_processes import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)

PHONE: ViewportSize = {"width": 390, "height": 844}
PAUSE_SECONDS = 0.2


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule of a task with a parameter."""
    made: PeriodicTask = every_minute("Clean up", task="cleanup.run", kwargs='{"dry_run": false}')
    return made


@pytest.fixture
def going_on(broker: RedisServer) -> Iterator[None]:
    """Do in the background what a beat does for runs by hand and backfills."""
    is_over = Event()

    def work() -> None:
        while not is_over.wait(PAUSE_SECONDS):
            go_on(timezone.now())
            publish(app, timezone.now(), 100, "beat@test")
        connection.close()

    thread = Thread(target=work)
    thread.start()
    yield
    is_over.set()
    thread.join()


def open_question(page: Page, site: LiveSite, schedule: PeriodicTask, verb: str) -> None:
    """Open the page of the schedule and follow the link of the action."""
    page.goto(f"{site.url}/admin/django_celery_beat/periodictask/{schedule.pk}/change/")
    page.get_by_role("navigation", name="Actions").get_by_role("link", name=f"{verb} …").click()
    expect(page.locator(".asking-title")).to_have_text(f"{verb}: {schedule.name}")


def test_a_schedule_is_paused_with_a_reason_and_resumed(
    live_site: LiveSite, page: Page, people: People, schedule: PeriodicTask
) -> None:
    live_site.sign_in(page, people.admin)
    open_question(page, live_site, schedule, "Pause")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.get_by_label("Reason").fill("The mail server moves")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused: 1 schedule.")).to_be_visible()
    expect(page.get_by_text("The mail server moves").first).to_be_visible()
    Policy.objects.update(paused_at=timezone.now() - timedelta(minutes=3))
    open_question(page, live_site, schedule, "Resume")
    expect(page.get_by_text("3 occurrences were missed in the pause.")).to_be_visible()
    page.get_by_label("Run the latest one").check()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("1 missed occurrence will run.")).to_be_visible()
    assert Run.objects.get().kind == Kind.BACKFILL
    assert trail(schedule) == ["pause by admin: The mail server moves", "resume by admin"]


def test_a_backfill_is_counted_then_made_and_watched_to_its_end(
    live_site: LiveSite,
    page: Page,
    people: People,
    schedule: PeriodicTask,
    going_on: None,
) -> None:
    live_site.sign_in(page, people.admin)
    open_question(page, live_site, schedule, "Backfill")
    page.get_by_label("From").fill("2026-01-01T00:00:00")
    page.get_by_label("To, not included").fill("2026-01-01T00:03:00")
    page.get_by_role("button", name="Count first").click()
    expect(page.get_by_role("heading", name="3 runs")).to_be_visible()
    assert violations(page) == []
    assert not Backfill.objects.exists()
    page.get_by_role("button", name="Run these 3").click()
    expect(page.get_by_role("heading", name="0 of 3 done")).to_be_visible()
    assert violations(page) == []
    end_runs_until(page, "3 of 3 done, all of it")
    assert Run.objects.filter(kind=Kind.BACKFILL).count() == 3


def end_runs_until(page: Page, heading: str) -> None:
    """Let each run that the broker has succeed, until the page says so by itself."""
    for _ in range(200):
        Run.objects.filter(state=State.QUEUED).update(
            state=State.SUCCEEDED, finished_at=timezone.now()
        )
        if page.get_by_role("heading", name=heading).count():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"The page never said {heading!r}.")


def test_a_run_with_other_arguments_is_watched_until_it_has_finished(
    live_site: LiveSite,
    page: Page,
    people: People,
    schedule: PeriodicTask,
    broker: RedisServer,
    going_on: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    live_site.sign_in(page, people.admin)
    open_question(page, live_site, schedule, "Run now")
    page.get_by_label("Dry run").select_option("yes")
    page.get_by_label("Logical time").fill("2026-01-01T08:00:00")
    page.get_by_label("Why").fill("To see what would go")
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("Runs now: 1 schedule.")).to_be_visible()
    expect(page.get_by_text("2026-01-01 08:00:00").first).to_be_visible()
    with celery_worker(broker.url, tmp_path_factory.mktemp("worker") / "worker.log"):
        expect(page.locator(".badge.succeeded").first).to_be_visible(timeout=30_000)
    run = Run.objects.get()
    assert (run.kind, run.state) == (Kind.MANUAL, State.SUCCEEDED)
    assert run.kwargs == {"dry_run": True}
    schedule.refresh_from_db()
    assert schedule.kwargs == '{"dry_run": false}'


def test_bulk_pausing_asks_once_and_says_how_many(
    live_site: LiveSite, page: Page, people: People, schedule: PeriodicTask
) -> None:
    every_minute("Other")
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/admin/django_celery_beat/periodictask/")
    for box in page.locator("input.action-select").all():
        box.check()
    page.locator("select[name=action]").select_option("pause")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".asking-title")).to_have_text("Pause: 2 schedules")
    page.get_by_label("Reason").fill("Holidays")
    page.get_by_role("button", name="Pause: 2 schedules").click()
    expect(page.get_by_text("Paused: 2 schedules.")).to_be_visible()


def test_the_next_occurrence_is_skipped_by_keyboard_alone(
    live_site: LiveSite, page: Page, people: People, schedule: PeriodicTask
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/admin/django_celery_beat/periodictask/{schedule.pk}/change/")
    page.get_by_role("link", name="Skip the next …").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Why").focus()
    page.keyboard.type("Done by hand")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Skips its next occurrence: 1 schedule.")).to_be_visible()
    assert Run.objects.get().reason_text == "Skipped by admin: Done by hand"


def test_the_questions_fit_on_a_phone(
    live_site: LiveSite, page: Page, people: People, schedule: PeriodicTask
) -> None:
    page.set_viewport_size(PHONE)
    live_site.sign_in(page, people.admin)
    asking = f"{live_site.url}/admin/django_celery_beat/periodictask/act"
    for verb in ("run", "resume", "backfill"):
        page.goto(f"{asking}/{verb}/?ids={schedule.pk}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], verb
        assert violations(page) == [], verb
