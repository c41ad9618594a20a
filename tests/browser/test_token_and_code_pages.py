"""A new token and a schedule as code in a real browser: readable by everybody, also on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People
from tests.integration.acting import every_minute

pytestmark = pytest.mark.django_db(transaction=True)

PHONE_WIDTH = 390


def assert_fits(page: Page) -> None:
    """Fail when the page is wider than a phone."""
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE_WIDTH, f"{width} pixels wide"


def test_a_new_token_is_shown_once(people: People, live_site: LiveSite, page: Page) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/admin/beat/apitoken/add/")
    page.locator("#id_name").fill("deploy")
    page.locator("#id_user").select_option(label="admin")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#token")).to_contain_text("punctual_")
    assert violations(page) == []
    assert_fits(page)


def test_a_schedule_is_shown_as_code(people: People, live_site: LiveSite, page: Page) -> None:
    schedule = every_minute()
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/admin/django_celery_beat/periodictask/{schedule.pk}/code/")
    expect(page.locator("pre").first).to_contain_text("every: 1 minute")
    assert violations(page) == []
    assert_fits(page)
