"""What operators and readers do in a real browser, and how."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django_celery_beat.models import PeriodicTask
from playwright.sync_api import Page, ViewportSize, expect

from jobs.reports import demo
from jobs.reports.making import make_version
from jobs.reports.models import Report
from jobs.reports.registry import definition_of
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PHONE: ViewportSize = {"width": 390, "height": 844}
OUR_PAGES = [
    "/",
    "/reports/",
    "/reports/subscriptions/",
    "/reports/doubtful/",
    "/runs/",
    "/feedback/",
    "/feedback/thanks/",
    "/digests/",
    "/cleanup/",
]


def make_run(state: State, **changes: Any) -> Run:
    """Return a run in `state`."""
    facts: dict[str, Any] = {"id": uuid4(), "task": "reports.make", "state": state}
    return Run.objects.create(**(facts | {"due_at": NOW, "publish_at": NOW} | changes))


@pytest.fixture
def life(people: People) -> UUID:
    """Make a little of everything that pages show; return the id of a failed run."""
    demo.load()
    make_version(definition_of("weather-week"), NOW, None, NOW)
    make_run(State.SUCCEEDED, started_at=NOW, finished_at=NOW, result={"version": 1})
    said = {"reason_text": "OSError: the disk is full", "traceback": "Traceback"}
    return make_run(State.FAILED, finished_at=NOW, **said).id


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_our_pages(
    scheme: Any, life: UUID, people: People, live_site: LiveSite, page: Page
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_site.url}/login/")
    assert violations(page) == []
    live_site.sign_in(page, people.admin)
    report = Report.objects.get(slug="weather-week").get_absolute_url()
    of_report = [report, f"{report}share/", f"{report}subscription/", f"{report}versions/"]
    for address in [*OUR_PAGES, *of_report, f"/runs/{life}/"]:
        answer = page.goto(f"{live_site.url}{address}")
        assert answer and answer.ok, address
        assert violations(page) == [], address


def test_our_pages_fit_a_phone(life: UUID, people: People, live_site: LiveSite, page: Page) -> None:
    page.set_viewport_size(PHONE)
    live_site.sign_in(page, people.admin)
    for address in [*OUR_PAGES, f"/runs/{life}/"]:
        page.goto(f"{live_site.url}{address}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], address


def test_no_page_asks_another_host_or_breaks_its_own_policy(
    life: UUID, people: People, live_site: LiveSite, page: Page
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    live_site.sign_in(page, people.admin)
    schedules = "/admin/django_celery_beat/periodictask/"
    for address in [*OUR_PAGES, f"/runs/{life}/", "/admin/", schedules, f"{schedules}add/"]:
        page.goto(f"{live_site.url}{address}")
        page.wait_for_load_state("networkidle")
    assert said == []
    assert [url for url in asked if not url.startswith((live_site.url, "data:"))] == []


def test_the_history_is_filtered_and_a_failure_read_by_keyboard(
    life: UUID, people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.viewer)
    page.goto(f"{live_site.url}/runs/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    while not page.evaluate("document.activeElement.textContent === 'Failed'"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    page.get_by_role("link", name="reports.make").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("OSError: the disk is full").first).to_be_visible()


def test_an_operator_makes_a_schedule_and_switches_it_off(
    people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.admin)
    page.get_by_role("link", name="New schedule").click()
    page.locator("[name=name]").fill("Cleanup, often")
    page.get_by_role("combobox", name="Task").fill("cleanup.run")
    page.get_by_label("Every so often").check()
    page.get_by_label("Every", exact=True).fill("5")
    page.get_by_label("Unit").select_option("minutes")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_role("combobox", name="Task")).to_have_value("cleanup.run")
    page.get_by_label("Switched on").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Cleanup, often").first).to_be_visible()
    schedule = PeriodicTask.objects.get(name="Cleanup, often")
    assert (schedule.task, schedule.enabled) == ("cleanup.run", False)


def test_a_wrong_password_is_told_in_words(people: People, live_site: LiveSite, page: Page) -> None:
    page.goto(f"{live_site.url}/login/")
    page.get_by_label("Username").fill("viewer")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")


def test_the_home_page_brings_a_new_report_by_itself(
    people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.viewer)
    expect(page.get_by_text("No report has been made yet.")).to_be_visible()
    demo.load()
    make_version(definition_of("weather-week"), NOW, None, NOW)
    expect(page.get_by_role("link", name="Weather of the week")).to_be_visible(timeout=20_000)
