"""The pages on which reports are read."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from jobs.reports.formats import Format
from jobs.reports.models import Report, Version
from jobs.reports.periods import calendar_week
from jobs.reports.reading.pages import PAGE_SIZE
from jobs.reports.registry import Definition
from tests.integration.read_reports import (
    HOSTILE,
    IN_ALL_FORMATS,
    NOW,
    build_charts,
    build_hostile,
    copied,
    made,
    page,
)

pytestmark = pytest.mark.django_db


def test_a_reports_address_shows_its_latest_version(viewer_client: Client) -> None:
    made()
    latest = made(now=NOW + timedelta(days=7))
    text = page(viewer_client, f"/reports/{latest.report_id}/")
    assert "Version 2" in text
    assert "23 \N{EN DASH} 29 November 2026" in text
    assert "This is an older version" not in text
    for words in ("1,234", "per day", "Days", "Ann"):
        assert words in text


def test_an_older_version_says_so_and_leads_to_the_periods_beside_it(viewer_client: Client) -> None:
    for weeks in (0, 2, 1, 1):
        version = made(now=NOW + timedelta(days=7 * weeks))
    report = f"/reports/{version.report_id}"
    text = page(viewer_client, f"{report}/versions/3/")
    assert "This is an older version. It was made again" in text
    assert f'rel="prev" href="{report}/versions/1/"' in text
    assert f'rel="next" href="{report}/versions/2/"' in text
    assert re.findall(r'<option value="(\d+)"( selected)?>', text) == [
        ("2", ""), ("4", " selected"), ("1", ""),
    ]  # fmt: skip
    assert 'type="week" name="week" required value="2026-W48"' in text


def test_a_chart_is_drawn_for_wide_and_narrow_screens_and_told_in_numbers(
    viewer_client: Client,
) -> None:
    version = made(Definition("charts", "Charts", "", calendar_week(), build_charts))
    text = page(viewer_client, version.get_absolute_url())
    assert text.count('role="img"') == 4
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    named = re.findall(r'aria-labelledby="([^"]+)"', text)
    assert {one for names in named for one in names.split()} <= set(ids)
    assert " style=" not in text
    assert '<td class="number">12.5</td>' in text


def test_html_in_the_data_is_shown_and_not_obeyed(viewer_client: Client) -> None:
    hostile = Definition("hostile", HOSTILE, HOSTILE, calendar_week(), build_hostile)
    version = made(hostile)
    base = f"/reports/{version.report_id}/"
    for address in ("/reports/", base, f"{base}versions/", f"{base}versions/1/"):
        text = page(viewer_client, address)
        assert "&lt;script&gt;alert(" in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_the_versions_are_listed_newest_first_and_paged_both_ways(viewer_client: Client) -> None:
    version = made()
    copied(version, range(2, 2 * PAGE_SIZE + 6))
    address = f"/reports/{version.report_id}/versions/"
    newest = viewer_client.get(address).context["page"]
    middle = viewer_client.get(address, {"older_than": newest.older_than}).context["page"]
    oldest = viewer_client.get(address, {"older_than": middle.older_than}).context["page"]
    seen = [one.number for part in (newest, middle, oldest) for one in part.versions]
    assert seen == list(range(2 * PAGE_SIZE + 5, 0, -1))
    assert (newest.newer_than, oldest.older_than) == (None, None)
    back = viewer_client.get(address, {"newer_than": oldest.newer_than}).context["page"]
    assert back == middle
    first = viewer_client.get(address, {"newer_than": back.newer_than}).context["page"]
    assert first == newest


def test_no_page_counts_the_versions(viewer_client: Client) -> None:
    version = made()
    copied(version, range(2, PAGE_SIZE + 10))
    base = f"/reports/{version.report_id}/"
    with CaptureQueriesContext(connection) as queries:
        for address in ("/reports/", base, f"{base}versions/", f"{base}versions/?older_than=9"):
            page(viewer_client, address)
    assert queries
    assert not any("COUNT(" in query["sql"].upper() for query in queries)


def test_a_reports_page_asks_as_often_however_many_versions_there_are(
    viewer_client: Client,
) -> None:
    made()
    version = made()
    page(viewer_client, version.get_absolute_url())
    with CaptureQueriesContext(connection) as few:
        page(viewer_client, version.get_absolute_url())
    copied(version, range(3, 300))
    with CaptureQueriesContext(connection) as many:
        page(viewer_client, version.get_absolute_url())
    assert len(few) == len(many) <= 25


@pytest.mark.parametrize(
    ("format_", "content_type", "start"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            b"PK",
        ),
        ("csv", "text/csv; charset=utf-8; header=present", b"Name,Worth\r\nAnn,5\r\n"),
    ],
)
def test_a_download_is_the_stored_file_under_a_name_that_says_what_it_is(
    format_: str, content_type: str, start: bytes, viewer_client: Client
) -> None:
    version = made(IN_ALL_FORMATS)
    response: Any = viewer_client.get(f"{version.get_absolute_url()}download/{format_}")
    assert isinstance(response, StreamingHttpResponse)
    content = response.getvalue()
    assert content.startswith(start)
    artefact = version.artefacts.get(format=format_)
    assert len(content) == artefact.size_bytes == int(response["Content-Length"])
    assert response["Content-Type"] == content_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert (
        response["Content-Disposition"] == f'attachment; filename="weekly-2026-11-21-v1.{format_}"'
    )


@pytest.mark.django_db(transaction=True)
def test_an_async_server_gets_the_file_in_pieces_without_a_warning(people: object) -> None:
    version = made(IN_ALL_FORMATS)
    artefact = version.artefacts.get(format=Format.PDF)
    viewer = User.objects.get(username="viewer")

    async def download() -> bytes:
        client = AsyncClient()
        await client.aforce_login(viewer)
        response: Any = await client.get(f"{version.get_absolute_url()}download/pdf")
        assert response.is_async
        return b"".join([piece async for piece in response.streaming_content])

    assert len(async_to_sync(download)()) == artefact.size_bytes


def test_a_file_that_is_gone_is_told_on_a_page(
    viewer_client: Client, artefacts_folder: Path
) -> None:
    version = made(IN_ALL_FORMATS)
    Path(version.artefacts.get(format="pdf").file.path).unlink()
    text = page(viewer_client, f"{version.get_absolute_url()}download/pdf", status=404)
    assert "The file is missing" in text
    assert "Weekly numbers, version 1 was stored as PDF" in text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/reports/999/", 404),
        ("/reports/99999999999999999999999/", 404),
        ("/reports/{report}/versions/0/", 404),
        ("/reports/{report}/versions/2/", 404),
        ("/reports/{report}/versions/99999999999999999999999/", 404),
        ("/reports/{report}/versions/1/download/exe", 404),
        ("/reports/{report}/versions/1/download/..%2f..%2fsecret-key", 404),
        ("/reports/{report}/versions/1/download/pdf%00", 404),
        ("/reports/{report}/versions/?older_than=x", 400),
        ("/reports/{report}/versions/?older_than=-1", 400),
        ("/reports/{report}/versions/?newer_than=99999999999999999999999", 400),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(
    address: str, status: int, viewer_client: Client
) -> None:
    version = made()
    page(viewer_client, address.format(report=version.report_id), status)


def test_a_report_whose_versions_are_all_gone_says_so(viewer_client: Client) -> None:
    version = made()
    Version.objects.all().delete_with_files()
    assert "There is no version yet." in page(viewer_client, f"/reports/{version.report_id}/")
    assert "There are no versions here." in page(
        viewer_client, f"/reports/{version.report_id}/versions/"
    )


def test_nobody_reads_without_signing_in(stranger_client: Client) -> None:
    version = made()
    base = f"/reports/{version.report_id}/"
    addresses = ["/reports/", base, f"{base}versions/", f"{base}versions/1/"]
    addresses += [f"{base}versions/1/download/{format_}" for format_ in Format.values]
    for address in addresses:
        response = stranger_client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=/reports/")


def test_nothing_can_be_posted(viewer_client: Client) -> None:
    version = made()
    for address in ("/reports/", version.get_absolute_url()):
        assert viewer_client.post(address).status_code == 405


def test_the_admin_shows_versions_but_changes_none(admin_client: Client) -> None:
    version = made()
    for name in ("version", "weatherobservation"):
        page(admin_client, f"/admin/reports/{name}/")
        page(admin_client, f"/admin/reports/{name}/add/", 403)
    address = f"/admin/reports/version/{version.pk}/change/"
    assert "Weekly numbers, version 1" in page(admin_client, address)
    assert admin_client.post(address, {"number": 9}).status_code == 403
    assert admin_client.post(f"/admin/reports/version/{version.pk}/delete/").status_code == 403
    assert Report.objects.get().versions.get().number == 1
