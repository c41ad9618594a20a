"""Reading a report in a real browser."""

import csv
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from jobs.reports import demo
from jobs.reports.making import make_version
from jobs.reports.models import Report
from jobs.reports.registry import definition_of
from jobs.runs.models import Run
from jobs.runs.states import State
from tests.browser.accessibility import violations
from tests.browser.conftest import LiveSite
from tests.conftest import People
from tests.integration.read_reports import run_of, schedule_of

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
THE_WEEK_BEFORE = "9 \N{EN DASH} 15 November 2026"
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def report_address(people: People, live_site: LiveSite, page: Page) -> str:
    """Make two versions of the weather report, sign the viewer in, return its address."""
    demo.load()
    for due_at in (NOW - timedelta(days=7), NOW):
        version = make_version(definition_of("weather-week"), due_at, None, due_at)
    live_site.sign_in(page, people.viewer)
    return f"{live_site.url}{version.report.get_absolute_url()}"


def widest_overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def test_a_reader_goes_from_the_library_to_a_report_and_an_older_version(
    report_address: str, live_site: LiveSite, page: Page
) -> None:
    page.goto(f"{live_site.url}/reports/")
    page.get_by_role("link", name="Weather of the week").click()
    expect(page).to_have_url(report_address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Weather of the week")
    expect(page.get_by_role("img", name="Temperatures of the week")).to_be_visible()
    page.get_by_role("link", name=f"Previous: {THE_WEEK_BEFORE}").click()
    expect(page.get_by_text("This is an older version.")).to_be_visible()
    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)


def test_a_reader_picks_a_week_and_sees_what_changed(report_address: str, page: Page) -> None:
    page.goto(report_address)
    expect(page.get_by_role("heading", name="What changed since version 1")).to_be_visible()
    page.get_by_role("link", name="All changes, row by row").click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    page.goto(report_address)
    page.get_by_label("Versions about").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Read the version about it").press("Enter")
    expect(page).to_have_url(f"{report_address}versions/1/")
    page.get_by_label("Another week").fill("2026-W47")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(f"{report_address}versions/2/")
    # As in a browser that has no field for weeks, where people type it.
    page.get_by_label("Another week").evaluate("field => { field.type = 'text' }")
    page.get_by_label("Another week").fill("2026 w33")
    page.get_by_role("button", name="Show").click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("No version about week 33 of 2026")


def test_the_library_is_searched_filtered_and_marked_by_keyboard(
    report_address: str, live_site: LiveSite, page: Page
) -> None:
    page.goto(f"{live_site.url}/reports/")
    star = page.get_by_role("button", name="Favourite: Weather of the week")
    star.focus()
    page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    page.get_by_role("searchbox").focus()
    page.keyboard.type("SEATTLE WEEK")
    # Found while writing, without a reload.
    expect(page.get_by_text("1 report found.")).to_be_visible()
    expect(page).to_have_url(f"{live_site.url}/reports/?q=SEATTLE%20WEEK")
    page.get_by_role("link", name="Unread").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 report found.")).to_be_visible()
    page.get_by_role("link", name="Weather of the week").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(report_address)
    page.goto(f"{live_site.url}/reports/?show=unread")
    expect(page.get_by_text("0 reports found.")).to_be_visible()
    page.goto(f"{live_site.url}/reports/?show=favourites")
    expect(page.get_by_text("1 report found.")).to_be_visible()


def test_each_format_is_downloaded_and_another_program_opens_it(
    report_address: str, page: Page
) -> None:
    page.goto(report_address)
    files: dict[str, Path] = {}
    for name in ("PDF", "XLSX", "CSV", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"{name} download").click()
        saved = download.value
        assert saved.suggested_filename == f"weather-week-2026-11-21-v2.{name.lower()}"
        files[name] = saved.path()
    command = ["pdftotext", "-layout", str(files["PDF"]), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Weather of the week" in text
    with files["XLSX"].open("rb") as file:
        book = openpyxl.load_workbook(file)
        assert "Day by day" in book.sheetnames
        first_of_book = book["Day by day"]["A2"].value
    with files["CSV"].open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    assert str(first_of_book).startswith(rows[0]["Day"])
    assert json.loads(files["JSON"].read_text())["title"] == "Weather of the week"


def test_a_page_tells_how_far_the_next_version_is_and_offers_it(
    report_address: str, page: Page
) -> None:
    told = {"done": 40_000, "total": 100_000, "text": "row 40,000 of 100,000"}
    run = run_of(schedule_of("weather-week"), State.RUNNING, NOW, progress=None)
    page.goto(report_address)
    expect(page.get_by_role("progressbar")).to_be_visible()
    Run.objects.filter(pk=run.pk).update(progress=told)
    expect(page.get_by_text("row 40,000 of 100,000")).to_be_visible(timeout=10_000)
    make_version(definition_of("weather-week"), NOW, run.pk, NOW)
    Run.objects.filter(pk=run.pk).update(state=State.SUCCEEDED, finished_at=NOW)
    expect(page.get_by_text("Version 3 is ready")).to_be_visible(timeout=10_000)
    # What is being read stays until the reader goes.
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    page.get_by_role("link", name="Read it").click()
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_reports(
    scheme: Any, report_address: str, live_site: LiveSite, page: Page
) -> None:
    page.emulate_media(color_scheme=scheme)
    run_of(schedule_of("weather-week"), State.RUNNING, NOW, progress=None)
    report = Report.objects.get(slug="weather-week").get_absolute_url()
    for address in (
        "/reports/?q=weather", report, f"{report}versions/2/changes/", f"{report}share/?version=2",
        f"{report}about/?week=2026-W33", f"{report}subscription/", "/reports/subscriptions/",
    ):  # fmt: skip
        page.goto(f"{live_site.url}{address}")
        assert violations(page) == [], address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_fits_a_phone(scheme: Any, report_address: str, page: Page) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)
    pages = ("", "versions/", "../", "versions/2/changes/", "share/", "about/?week=2026-W33")
    for address in (f"{report_address}{page_}" for page_ in pages):
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
    report_address: str, live_site: LiveSite, page: Page
) -> None:
    said: list[str] = []
    addresses: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(report_address)
    assert said == []
    assert all(address.startswith(live_site.url) for address in addresses)
