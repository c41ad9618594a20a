"""People make and change schedules on one page, which shows what it will do while they type."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/django_celery_beat/periodictask/"


@pytest.fixture
def new_page(people: People, live_site: LiveSite, page: Page) -> Page:
    """Return the page of a new schedule, opened by an admin."""
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}add/")
    return page


def write_what(page: Page, name: str) -> None:
    """Give the schedule a name and a task."""
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_role("combobox", name="Task").fill("cleanup.run")


def first_instant(page: Page) -> Any:
    """Return the first row of the preview."""
    return page.locator("#preview tbody tr").first


def write_crontab(page: Page) -> None:
    """Say that it is due on weekdays at nine in Berlin."""
    page.get_by_label("Crontab line").fill("0 9 * * mon-fri")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    expect(page.locator("#when-words")).to_contain_text("At 09:00 from Monday to Friday")
    expect(first_instant(page)).to_contain_text("09:00")


def write_interval(page: Page) -> None:
    """Say that it is due every six hours."""
    page.get_by_label("Every so often").check()
    expect(page.get_by_label("Crontab line")).to_be_hidden()
    page.get_by_label("Every", exact=True).fill("6")
    page.get_by_label("Unit").select_option("hours")
    expect(page.locator("#when-words")).to_contain_text("Every 6 hours")
    expect(page.locator("#preview tbody tr")).to_have_count(10)


def write_clocked(page: Page) -> None:
    """Say that it is due once, tomorrow."""
    page.get_by_label("Once", exact=True).check()
    tomorrow = timezone.now() + timedelta(days=1)
    page.get_by_label("Date and time").fill(f"{tomorrow:%Y-%m-%dT10:30:00}")
    expect(page.locator("#when-words")).to_contain_text("10:30")
    expect(page.locator("#preview tbody tr")).to_have_count(1)


def write_solar(page: Page) -> None:
    """Say that it is due at sunset in Berlin."""
    page.get_by_label("By the sun").check()
    page.get_by_label("Event").select_option("sunset")
    page.get_by_label("Latitude").fill("52.52")
    page.get_by_label("Longitude").fill("13.405")
    expect(page.locator("#when-words")).to_contain_text("At sunset at 52.52° N")


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("crontab", write_crontab),
        ("interval", write_interval),
        ("clocked", write_clocked),
        ("solar", write_solar),
    ],
)
def test_each_kind_of_schedule_is_made_from_nothing(
    new_page: Page, kind: str, write: Callable[[Page], None]
) -> None:
    write_what(new_page, f"By {kind}")
    write(new_page)
    new_page.get_by_role("button", name="Save", exact=True).click()
    expect(new_page.get_by_text(f"The schedule “By {kind}” was added.")).to_be_visible()
    schedule = PeriodicTask.objects.get(name=f"By {kind}")
    assert getattr(schedule, kind) is not None


def test_the_preview_follows_the_typing_and_says_in_words_what_is_wrong(new_page: Page) -> None:
    line, words = new_page.get_by_label("Crontab line"), new_page.locator("#when-words")
    line.press_sequentially("0 9 * *")
    expect(words).to_contain_text("4 of five fields")
    line.press_sequentially(" *")
    expect(words).to_contain_text("At 09:00 every day")
    expect(words).to_have_attribute("role", "status")
    line.fill("0 5 * * 1 /usr/bin/backup")
    expect(words).to_contain_text("A schedule runs a task instead")
    new_page.get_by_role("button", name="Use 0 5 * * 1").click()
    expect(words).to_contain_text("At 05:00 on Monday")
    new_page.get_by_role("button", name="Every 15 minutes").click()
    expect(words).to_contain_text("Every 15 minutes")
    expect(new_page.locator("#preview tbody tr")).to_have_count(10)


def test_an_edit_shows_what_it_changes_and_asks_before_it_runs_far_more_often(
    people: People, live_site: LiveSite, page: Page
) -> None:
    nightly = CrontabSchedule.objects.create(minute="0", hour="3")
    schedule = PeriodicTask.objects.create(name="Nightly", task="cleanup.run", crontab=nightly)
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}{schedule.pk}/change/")
    page.get_by_label("Crontab line").fill("0 * * * *")
    expect(page.locator("#preview")).to_contain_text("In the next 30 days this adds 690 runs")
    page.get_by_role("button", name="Save", exact=True).click()
    question = page.get_by_role("alert")
    expect(question).to_contain_text("It would run 24 times as often as before.")
    schedule.refresh_from_db()
    assert schedule.crontab == nightly
    page.get_by_label("Yes, save it like this").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The schedule “Nightly” was saved.")).to_be_visible()
    schedule.refresh_from_db()
    assert schedule.crontab.hour == "*"


def test_a_schedule_is_made_by_keyboard_alone(new_page: Page) -> None:
    new_page.locator("#id_name").focus()
    keyboard = new_page.keyboard
    keyboard.type("By keyboard")
    keyboard.press("Tab")
    keyboard.type("cleanup.run")
    for _ in ("switched on", "description", "kind"):
        keyboard.press("Tab")
    keyboard.press("ArrowRight")
    keyboard.press("Tab")
    keyboard.press("ControlOrMeta+a")
    keyboard.type("3")
    keyboard.press("Tab")
    keyboard.type("days")
    expect(new_page.locator("#when-words")).to_contain_text("Every 3 days")
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(new_page.get_by_text("The schedule “By keyboard” was added.")).to_be_visible()
    assert PeriodicTask.objects.get(name="By keyboard").interval.every == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page(scheme: Any, new_page: Page) -> None:
    new_page.emulate_media(color_scheme=scheme)
    new_page.get_by_label("Crontab line").fill("0 9 * * *")
    expect(first_instant(new_page)).to_be_visible()
    for summary in new_page.locator("summary").all():
        summary.click()
    assert violations(new_page) == []
    new_page.get_by_label("Crontab line").fill("0 25 * * *")
    expect(new_page.locator("#when-words")).to_contain_text("outside 0 to 23")
    assert violations(new_page) == []


def test_the_page_fits_a_phone(new_page: Page) -> None:
    new_page.set_viewport_size({"width": 390, "height": 844})
    new_page.get_by_label("Crontab line").fill("0 9 * * *")
    expect(first_instant(new_page)).to_be_visible()
    width = new_page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
