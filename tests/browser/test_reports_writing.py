"""A report that is written in SQL in the admin, in a real browser."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Page, expect
from pytest_django import Settings

from jobs.reports.making import make_version
from jobs.reports.registry import definition_of
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import PASSWORD
from tests.integration.report_sources import platform_source
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
QUERY = "SELECT 'Oslo' AS town, 12.5 AS amount\nUNION ALL SELECT 'Bergen', 7.5 ORDER BY town"


@pytest.fixture
def writer(db: None) -> User:
    """Return an operator who may write reports in SQL too."""
    user = person("writer", "Operator")
    user.set_password(PASSWORD)
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="define_sql_report"))
    return user


def test_a_report_is_written_tried_corrected_saved_read_and_deleted(
    writer: User, live_site: LiveSite, page: Page, settings: Settings
) -> None:
    platform_source(settings)
    live_site.sign_in(page, writer)
    page.goto(f"{live_site.url}/admin/reports/report/add/")
    page.get_by_label("Title", exact=True).fill("Sales by town")
    page.get_by_label("Short name").fill("sales-by-town")
    query = page.get_by_role("textbox", name="Query")
    query.fill("SELECT nothing AS amount")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing")
    expect(query).to_have_value("SELECT nothing AS amount")
    assert violations(page) == []
    query.fill(QUERY)
    page.get_by_role("button", name="Preview").click()
    rows = page.get_by_role("region", name="Rows of the answer")
    expect(rows.get_by_role("cell", name="Bergen")).to_be_visible()
    page.get_by_label("Summary", exact=True).fill("{rows} towns, {sum:amount} in all.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The report “Sales by town” was saved.")).to_be_visible()
    assert violations(page) == []
    definition_address = page.url
    make_version(definition_of("sales-by-town"), NOW, None, NOW)
    page.goto(f"{live_site.url}/reports/?q=town")
    expect(page.get_by_text("2 towns, 20.00 in all.")).to_be_visible()
    page.goto(definition_address)
    page.get_by_role("link", name="Delete its definition …").click()
    assert violations(page) == []
    page.get_by_role("button", name="Delete the definition").click()
    page.get_by_role("link", name="Read it").click()
    expect(page.get_by_text("no longer defined")).to_be_visible()
    expect(page.get_by_role("cell", name="12.5")).to_be_visible()
