"""The list of schedules and the lints in a real browser: narrowed, ordered, followed, readable."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from playwright.sync_api import Page, expect

from beat.models import Policy, ScheduleDetails, Tag, Timer
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/django_celery_beat/periodictask/"
LINTS = f"{LIST}lints/"
LONG_NAME = "Import of the supplier's price list, with all corrections_since_the_last_one"


@pytest.fixture
def schedules() -> dict[str, PeriodicTask]:
    """Return three schedules by name: one that is well, one that failed, one that is paused."""
    hourly = IntervalSchedule.objects.create(every=1, period="hours")
    nightly = CrontabSchedule.objects.create(minute="30", hour="2", timezone="Europe/Berlin")
    made = {
        "Invoices": scheduled("Invoices", due_in=3, interval=hourly),
        "Backup": scheduled("Backup", due_in=9, crontab=nightly),
        LONG_NAME: scheduled(LONG_NAME, due_in=1, interval=hourly),
    }
    for state in (State.SUCCEEDED, State.SKIPPED, State.MISSED, State.LOST, State.RUNNING):
        ran(made["Invoices"], state)
    ran(made["Backup"], State.FAILED, reason_text="The disk is full")
    Policy.objects.create(schedule=made[LONG_NAME], is_paused=True, pause_reason="Stocktaking")
    details = ScheduleDetails.objects.create(
        schedule=made["Backup"], owner=Group.objects.create(name="Operations")
    )
    details.tags.add(Tag.objects.create(name="nightly"))
    return made


def scheduled(name: str, due_in: int, **rule: Any) -> PeriodicTask:
    """Return a schedule that is due in so many hours."""
    schedule = PeriodicTask.objects.create(name=name, task="reports.make", **rule)
    due_at = timezone.now() + timedelta(hours=due_in)
    Timer.objects.update_or_create(
        schedule=schedule, defaults={"due_at": due_at, "is_stale": False}
    )
    return schedule


def ran(schedule: PeriodicTask, state: State, **facts: Any) -> Run:
    """Return a run of the last minutes."""
    due_at = timezone.now() - timedelta(minutes=5) + timedelta(seconds=Run.objects.count())
    values: dict[str, Any] = {
        "id": uuid4(), "schedule": schedule, "schedule_name": schedule.name, "task": schedule.task,
        "kind": Kind.SCHEDULED, "due_at": due_at, "publish_at": due_at, "state": state,
        "started_at": due_at, "finished_at": due_at + timedelta(seconds=12),
    }  # fmt: skip
    return Run.objects.create(**values | facts)


def test_the_list_is_narrowed_ordered_and_followed_to_a_run(
    schedules: dict[str, PeriodicTask], people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}")
    names = page.locator(".schedule-name")
    expect(names).to_have_text(["Backup", LONG_NAME, "Invoices"])
    expect(page.get_by_text("At 02:30 every day")).to_be_visible()
    expect(page.get_by_text("Stocktaking")).to_be_visible()
    page.get_by_role("link", name="Next run").click()
    expect(names).to_have_text([LONG_NAME, "Invoices", "Backup"])
    page.get_by_role("button", name="Filters").press("Enter")
    page.get_by_label("By state").select_option("paused")
    page.get_by_role("button", name="Apply filters").click()
    expect(names).to_have_text([LONG_NAME])
    page.goto(f"{live_site.url}{LIST}?tag=nightly")
    expect(names).to_have_text(["Backup"])
    expect(page.get_by_text("1 failed, 0 of 1 succeeded")).to_be_visible()
    page.get_by_title("The disk is full").click()
    expect(page.get_by_role("heading", name="Backup")).to_be_visible()
    expect(page.get_by_text("The disk is full").first).to_be_visible()


def test_the_runs_of_a_schedule_are_reached_by_keyboard(
    schedules: dict[str, PeriodicTask], people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}?q=Invoices")
    words = page.get_by_role("link", name="1 failed, 1 of 5 succeeded, 1 under way")
    words.press("Enter")
    expect(page.get_by_role("rowheader")).to_have_count(5)
    expect(page.get_by_label("Schedule")).to_have_value("Invoices")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_list_and_lints_are_accessible_and_fit(
    scheme: Any,
    width: int,
    schedules: dict[str, PeriodicTask],
    people: People,
    live_site: LiveSite,
    page: Page,
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    live_site.sign_in(page, people.admin)
    for address in (LIST, f"{LIST}?q=nothing+like+it", LINTS, f"{LINTS}?lint=gap"):
        answer = page.goto(f"{live_site.url}{address}")
        assert answer, address
        assert answer.status == 200, address
        assert violations(page) == [], address
        is_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(is_wide), address
    page.goto(f"{live_site.url}{LIST}")
    page.get_by_label("Select Backup").check()
    expect(page.get_by_label("Select action to run")).to_be_visible()
    assert violations(page) == []


def test_lints_lead_from_the_menu_to_the_schedules(
    schedules: dict[str, PeriodicTask], people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}")
    page.get_by_role("link", name="Lints").click()
    page.get_by_role("link", name="At an hour that a day lacks").click()
    expect(page.get_by_text("there is no 02:30 in Europe/Berlin")).to_be_visible()
    page.get_by_role("link", name="Backup").click()
    expect(page).to_have_url(f"{live_site.url}{LIST}{schedules['Backup'].pk}/change/")


def test_the_menu_and_the_way_past_it_are_used_by_keyboard(
    people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").locator("#content")).to_be_focused()
    rules = page.get_by_role("button", name="Shared rules of time", exact=True)
    person = page.get_by_role("button", name=people.admin.email)
    for button in (rules, person):
        expect(button).to_have_attribute("aria-expanded", "false")
        button.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("link", name="Crontabs")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert violations(page) == []
