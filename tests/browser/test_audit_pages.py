"""The trail in a real browser: read on the history of a schedule, in light and dark, on a phone."""

from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from playwright.sync_api import Page, expect

from beat.access.asker import Asker
from beat.audit.recording import audited, record, snapshot
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

PHONE_WIDTH = 390


@pytest.fixture
def history() -> str:
    """Return the history of a schedule that was added and renamed."""
    hourly = IntervalSchedule.objects.create(every=1, period="hours")
    schedule = PeriodicTask.objects.create(name="Hourly", task="reports.make", interval=hourly)
    record(Asker(None, "beat", "beat"), "add", {}, snapshot([schedule.pk]))
    with audited(Asker(None, "ada", "command line"), "edit", [schedule.pk], "clearer so"):
        PeriodicTask.objects.update(name="Every hour", description="long_" * 60)
    return f"/admin/django_celery_beat/periodictask/{schedule.pk}/history/"


def test_the_trail_says_what_was_done(
    history: str, people: People, live_site: LiveSite, page: Page
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{history}")
    newest = page.locator(".trail-entry").first
    expect(newest).to_contain_text("edit by ada")
    expect(newest).to_contain_text("clearer so")
    expect(newest.locator("del").first).to_contain_text("Hourly")
    page.get_by_text("All 2").click()
    expect(page.get_by_text("every 1 hours")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_a_phone_shows_all_of_it(
    scheme: Any, history: str, people: People, live_site: LiveSite, page: Page
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}{history}")
    page.get_by_text("All 2").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
