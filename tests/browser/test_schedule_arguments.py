"""People give a task its arguments in fields that are made from its signature."""

import pytest
from django_celery_beat.models import PeriodicTask
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People
from tests.integration import argument_tasks  # noqa: F401 -- registers its tasks

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/django_celery_beat/periodictask/"


@pytest.fixture
def new_page(people: People, live_site: LiveSite, page: Page) -> Page:
    """Return the page of a new schedule that is due every day."""
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{LIST}add/")
    page.get_by_label("Name", exact=False).first.fill("Rows")
    page.get_by_label("Crontab line").fill("@daily")
    return page


def choose(page: Page, task: str) -> None:
    """Choose a task and wait for its fields."""
    page.get_by_role("combobox", name="Task").fill(f"arguments.{task}")
    page.get_by_role("combobox", name="Task").blur()
    expect(page.locator("input[name=arguments-task]")).to_have_value(f"arguments.{task}")


def save(page: Page) -> None:
    """Press the button that saves."""
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_task_is_given_its_arguments_in_fields(new_page: Page) -> None:
    choose(new_page, "plain")
    expect(new_page.locator("#arguments")).to_contain_text("How many rows there are at most.")
    new_page.get_by_role("textbox", name="Count").fill("five")
    save(new_page)
    expect(new_page.locator("#arguments")).to_contain_text("Write a whole number, such as 5.")
    new_page.get_by_role("textbox", name="Count").fill("5")
    new_page.get_by_label("Is dry").select_option("yes")
    assert violations(new_page) == []
    save(new_page)
    expect(new_page.get_by_text("was added")).to_be_visible()
    saved = PeriodicTask.objects.get(name="Rows")
    assert (saved.args, saved.kwargs) == ("[]", '{"count": 5, "is_dry": true}')


def test_what_was_written_stays_when_the_task_or_the_way_to_write_changes(new_page: Page) -> None:
    choose(new_page, "plain")
    new_page.get_by_label("Name", exact=True).last.fill("weekly")
    choose(new_page, "bound")
    expect(new_page.locator("input[name=argument-name]")).to_have_value("weekly")
    new_page.get_by_role("button", name="Write them as JSON").click()
    expect(new_page.get_by_label("Arguments by name")).to_have_value('{\n  "name": "weekly"\n}')
    new_page.get_by_role("button", name="Write them in fields").click()
    expect(new_page.locator("input[name=argument-name]")).to_have_value("weekly")
