"""Reading a report in a real browser."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from jobs.reports import demo
from jobs.reports.making import make_version
from jobs.reports.registry import definition_of
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def report_address(people: People, live_site: Any, page: Page) -> str:
    """Make two versions of the weather report, sign the viewer in, return its address."""
    demo.load()
    for _ in range(2):
        version = make_version(definition_of("weather-week"), NOW, None, NOW)
    live_site.sign_in(page, people.viewer)
    return f"{live_site.url}{version.report.get_absolute_url()}"


def widest_overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def test_a_reader_goes_from_the_library_to_a_report_and_an_older_version(
    report_address: str, live_site: Any, page: Page
) -> None:
    page.goto(f"{live_site.url}/reports/")
    page.get_by_role("link", name="Weather of the week").click()
    expect(page).to_have_url(report_address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Weather of the week")
    expect(page.get_by_role("img", name="Temperatures of the week")).to_be_visible()
    page.get_by_role("link", name="Previous: version 1").click()
    expect(page.get_by_text("This is an older version.")).to_be_visible()
    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)


@pytest.mark.parametrize(
    ("format_", "start"), [("PDF", b"%PDF-"), ("XLSX", b"PK"), ("CSV", b"Day,")]
)
def test_a_reader_downloads_each_format(
    format_: str, start: bytes, report_address: str, page: Page
) -> None:
    page.goto(report_address)
    with page.expect_download() as download:
        page.get_by_role("link", name=f"{format_} download").click()
    saved = download.value
    assert saved.suggested_filename == f"weather-week-2026-11-21-v2.{format_.lower()}"
    assert saved.path().read_bytes().startswith(start)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_fits_a_phone(scheme: Any, report_address: str, page: Page) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)
    for address in (report_address, f"{report_address}versions/", f"{report_address}../"):
        page.goto(address)
        assert widest_overflow(page) <= 0
    page.goto(report_address)
    # One drawing of each chart is shown, and its words are large enough to read.
    expect(page.get_by_role("img", name="Temperatures of the week")).to_have_count(1)
    label = page.locator(".chart-narrow text").first.bounding_box()
    assert label is not None
    assert label["height"] >= 9


def test_charts_take_the_colours_of_the_theme(report_address: str, page: Page) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(report_address)
        bar = page.locator(".chart-wide rect.bar.series-1").first
        colours.add(bar.evaluate("bar => getComputedStyle(bar).fill"))
    assert len(colours) == 2


def test_a_report_is_read_and_downloaded_by_keyboard(report_address: str, page: Page) -> None:
    page.goto(report_address)
    summary = page.get_by_text("Show the numbers").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Record low (°C)").first).to_be_visible()
    table = page.get_by_role("region", name="Day by day")
    table.focus()
    expect(table).to_be_focused()
    page.get_by_role("link", name="PDF download").focus()
    with page.expect_download():
        page.keyboard.press("Enter")


def test_paper_shows_the_report_and_nothing_to_press(report_address: str, page: Page) -> None:
    page.goto(report_address)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="PDF download")).to_be_hidden()
    expect(page.get_by_role("link", name="All versions")).to_be_hidden()
    background = page.locator(".figure").first.evaluate(
        "figure => getComputedStyle(figure).backgroundColor"
    )
    assert background == "rgb(255, 255, 255)"


def test_no_request_leaves_the_site_and_nothing_is_refused(
    report_address: str, live_site: Any, page: Page
) -> None:
    said: list[str] = []
    addresses: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(report_address)
    assert said == []
    assert all(address.startswith(live_site.url) for address in addresses)
