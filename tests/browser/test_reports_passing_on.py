"""A report that is passed on, by mail and by a link, in a real browser."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from jobs.reports.delivery.tasks import deliver
from jobs.reports.models import DeliveryState, Report, ReportDelivery, ShareUse
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
    assert violations(page) == []
    page.get_by_role("button", name="Revoke the link Auditors").click()
    expect(page.get_by_text("The link opens no more.")).to_be_visible()
    answer = stranger.reload()
    assert answer and answer.status == 410
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This link is closed")
    stranger.context.close()
    assert ShareUse.objects.filter(link__report=report).count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_to_decide_about_and_the_periods_fit_a_phone(
    scheme: Any, report: Report, people: People, live_site: LiveSite, page: Page, browser: Browser
) -> None:
    version = report.versions.get()
    for state in (DeliveryState.DOUBTFUL, DeliveryState.BOUNCED):
        ReportDelivery.objects.create(
            version=version,
            address=f"{state}.of-a-long-department@a-rather-long-domain.example.org",
            state=state,
            send_after_at=timezone.now(),
            error="Came back: 5.1.1 550 5.1.1 Recipient address rejected: User unknown",
        )
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    phone = context.new_page()
    live_site.sign_in(phone, people.admin)
    phone.goto(f"{live_site.url}/reports/doubtful/")
    assert violations(phone) == []
    frame = phone.get_by_role("region", name="Doubtful mails")
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    expect(frame.get_by_role("button", name="Send again")).to_be_in_viewport()
    frame.locator("table").evaluate("table => { table.style.minWidth = '60rem'; }")
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "a wide table scrolls in its frame, with its words for screen readers"
    phone.goto(f"{live_site.url}{version.get_absolute_url()}")
    pick = phone.locator(".period-form").last
    day, show = pick.locator("input").bounding_box(), pick.get_by_role("button").bounding_box()
    assert day and show and day["y"] == show["y"], "the button stands beside what it shows"
    context.close()
