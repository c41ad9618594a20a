"""A report that is passed on, by mail and by a link, in a real browser."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import Report, ShareUse
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People
from tests.integration.read_reports import made
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report(people: People, live_site: LiveSite, page: Page) -> Report:
    """Make a report, open it as the viewer and return it."""
    version = made()
    live_site.sign_in(page, people.viewer)
    page.goto(f"{live_site.url}{version.get_absolute_url()}")
    return version.report


def test_a_reader_subscribes_and_leaves_by_the_link_in_the_mail(
    report: Report,
    live_site: LiveSite,
    page: Page,
    browser: Browser,
    smtp: SmtpServer,
    settings: Any,
) -> None:
    settings.SITE_URL = live_site.url
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("status").first).to_contain_text("You get Weekly numbers.")
    made(now=timezone.now())
    deliver()
    [mail] = smtp.wait_for(1)
    assert mail["To"] == "viewer@example.org"
    # In a browser in which nobody is signed in, as on a phone.
    stranger = browser.new_context().new_page()
    stranger.goto(mail["List-Unsubscribe"].strip("<>"))
    stranger.get_by_role("button", name="Unsubscribe").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
    stranger.context.close()
    page.reload()
    expect(page.get_by_role("button", name="Subscribe")).to_be_visible()
    made(now=timezone.now())
    deliver()
    assert len(smtp.recipients) == 1


def test_a_reader_shares_a_version_and_revokes_the_link(
    report: Report, live_site: LiveSite, page: Page, browser: Browser
) -> None:
    page.get_by_role("link", name="Share").click()
    page.get_by_label("For whom").fill("Auditors")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_role("textbox", name="The link").input_value()
    stranger = browser.new_context().new_page()
    asked: list[str] = []
    stranger.on("request", lambda request: asked.append(request.url))
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Weekly numbers")
    assert violations(stranger) == []
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="CSV download").click()
    assert download.value.path().read_bytes().startswith(b"Name,Worth")
    assert all(url.startswith(live_site.url) for url in asked)
    expect(stranger.get_by_role("link", name="All versions")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("textbox", name="The link")).to_have_count(0)
    page.get_by_role("button", name="Revoke the link Auditors").click()
    expect(page.get_by_text("The link opens no more.")).to_be_visible()
    answer = stranger.reload()
    assert answer and answer.status == 410
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This link is closed")
    stranger.context.close()
    assert ShareUse.objects.filter(link__report=report).count() == 2
