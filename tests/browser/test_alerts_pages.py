"""People say whom to tell of a schedule's troubles, and find what goes on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from playwright.sync_api import Page, expect

from beat.models import Policy
from jobs.alerts.models import Alert, Trouble
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LIST = "/admin/alerts/alert/"


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule."""
    daily = IntervalSchedule.objects.create(every=1, period="days")
    made: PeriodicTask = PeriodicTask.objects.create(
        name="Nightly", task="cleanup.run", interval=daily
    )
    return made


def test_whom_to_tell_is_written_by_keyboard_and_mistakes_are_answered_in_words(
    people: People, live_site: LiveSite, page: Page, schedule: PeriodicTask
) -> None:
    live_site.sign_in(page, people.admin)
    page.goto(f"{live_site.url}/admin/django_celery_beat/periodictask/{schedule.pk}/change/")
    page.locator("summary", has_text="Alerts").focus()
    keyboard = page.keyboard
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.type("ada@example.org\nbob")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("300")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    mistake = page.locator("#id_policy-alert_to_error")
    expect(mistake).to_have_text("“bob” is no e-mail address; write one per line.")
    addresses = page.get_by_label("Tell by mail")
    expect(addresses).to_be_visible()
    assert violations(page) == []
    addresses.fill("ada@example.org\nbob@example.org")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_text("The schedule “Nightly” was saved.")).to_be_visible()
    policy = Policy.objects.get(schedule=schedule)
    assert policy.alert_to.split() == ["ada@example.org", "bob@example.org"]
    assert policy.alert_late_after_seconds == 300


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_goes_on_is_found_from_home_on_a_phone(
    scheme: Any, people: People, live_site: LiveSite, page: Page, schedule: PeriodicTask
) -> None:
    values = {"sentence": "No room left. " * 9, "told_to": "ada@example.org", "begun_at": NOW}
    for name, trouble, over_at in (
        ("Nightly", Trouble.FAILED, None),
        ("Weekly", Trouble.LATE, NOW),
    ):
        Alert.objects.create(schedule_name=name, trouble=trouble, over_at=over_at, **values)
    Alert.objects.filter(over_at=None).update(schedule=schedule)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    live_site.sign_in(page, people.admin)
    page.get_by_role("link", name="1 alert goes on").click()
    rows = page.locator("#result_list")
    expect(rows).to_contain_text("Nightly failed")
    expect(rows).not_to_contain_text("Weekly")
    assert rows.locator("th").last.evaluate("cell => cell.scrollHeight <= cell.clientHeight")
    page.goto(f"{live_site.url}{LIST}?trouble=late")
    expect(rows).to_contain_text("Weekly is late")
    expect(rows).not_to_contain_text("Nightly")
    page.goto(f"{live_site.url}/admin/django_celery_beat/periodictask/{schedule.pk}/change/")
    page.get_by_role("link", name="The alert").click()
    expect(page.get_by_text("Nobody has been told yet.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
