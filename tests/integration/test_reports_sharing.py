"""Sharing a report by a link: made, read without signing in, written down, and over."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from jobs.cleanup.registry import Kept
from jobs.reports.models import Report, ShareLink, ShareUse, Version
from jobs.reports.retention import old_versions
from jobs.reports.sharing.links import sha256_of
from tests.integration.read_reports import NOW, made, page, reader

pytestmark = pytest.mark.django_db

ONE = Kept(days=None, at_least=1)


@pytest.fixture(autouse=True)
def _now() -> Any:
    """Stand still."""
    with time_machine.travel(NOW, tick=False):
        yield


def shared(client: Client, version: Version, **answers: object) -> str:
    """Share the version by the form; return the path of the link."""
    address = f"/reports/{version.report_id}/share/?version={version.number}"
    given = {"days": 7, "shows": "this", "note": "Auditors"} | answers
    response = client.post(address, given, follow=True)
    assert response.status_code == 200
    return str(response.context["new_address"]).removeprefix("http://testserver")


def test_a_link_is_read_without_signing_in_and_each_reading_is_written_down(
    viewer_client: Client,
) -> None:
    link = shared(viewer_client, made())
    anybody = Client(headers={"user-agent": "Lynx"}, REMOTE_ADDR="192.0.2.7")
    response = anybody.get(link)
    text = response.content.decode()
    assert "About 16 \N{EN DASH} 22 November 2026." in text
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    file: Any = anybody.get(f"{link}csv")
    assert file.getvalue().startswith(b"Name,Worth")
    assert anybody.get(f"{link}exe").status_code == 404
    uses = ShareUse.objects.order_by("pk").values_list("what", "address", "program", "at")
    assert list(uses) == [(what, "192.0.2.7", "Lynx", NOW) for what in ("page", "csv")]
    assert Report.objects.get().last_read_at == NOW
    listed = viewer_client.get(f"/reports/{made().report_id}/share/").context["links"]
    assert [row["link"].use_count for row in listed] == [2]


def test_a_link_to_a_version_shows_no_other_and_one_to_the_latest_follows(
    viewer_client: Client,
) -> None:
    first = made()
    fixed, latest = shared(viewer_client, first), shared(viewer_client, first, shows="latest")
    made(now=NOW + timedelta(days=7))
    this_week, next_week = "22 November 2026", "29 November 2026"
    assert this_week in page(Client(), fixed)
    assert next_week in page(Client(), latest)
    # Nothing on the page leads to other versions or into the site's reports.
    assert f"/reports/{first.report_id}/" not in page(Client(), latest)


def test_the_token_is_kept_and_logged_nowhere(
    viewer_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    token = shared(viewer_client, made()).rstrip("/").rpartition("/")[2]
    page(Client(), f"/reports/shared/{token}/")
    page(Client(), f"/reports/shared/{token[:-1]}/", 404)
    row = ShareLink.objects.get()
    assert row.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) == 43
    ours = [record.getMessage() for record in caplog.records if "jobs." in record.name]
    assert token[:-1] not in "".join(ours)
    for event in ("report shared", "report read by a shared link", "reading refused"):
        assert sum(event in told for told in ours) == 1
    # It is shown once.
    assert token not in page(viewer_client, f"/reports/{row.report_id}/share/?version=1")


def test_a_revoked_link_says_so(viewer_client: Client) -> None:
    version = made()
    link, row = shared(viewer_client, version), ShareLink.objects.get()
    for _ in range(2):
        viewer_client.post(f"/reports/{version.report_id}/share/{row.pk}/revoke/")
    row.refresh_from_db()
    assert (row.revoked_at, row.revoked_by) == (NOW, User.objects.get(username="viewer"))
    assert "It was revoked." in page(Client(), link, 410)
    page(Client(), f"{link}csv", 410)
    assert not ShareUse.objects.exists()


def test_a_link_that_is_over_says_so_also_when_its_version_is_gone(viewer_client: Client) -> None:
    version = made()
    expired, revoked, latest = (
        shared(viewer_client, version, shows=shows) for shows in ("this", "this", "latest")
    )
    ShareLink.objects.filter(token_sha256=sha256_of(revoked.split("/")[-2])).update(revoked_at=NOW)
    made()
    later = NOW + timedelta(days=7)
    assert sum(one.count for one in old_versions(NOW, 9, False, ONE)) == 0, "a link shows it"
    assert sum(one.count for one in old_versions(later, 9, False, ONE)) == 1
    assert "It was revoked." in page(Client(), revoked, 410)
    with time_machine.travel(later, tick=False):
        for link in (expired, latest):
            assert "It has expired." in page(Client(), link, 410)


def test_a_link_expires(viewer_client: Client) -> None:
    link = shared(viewer_client, made(), days=1)
    with time_machine.travel(NOW + timedelta(hours=23, minutes=59), tick=False):
        page(Client(), link)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert "It has expired." in page(Client(), link, 410)


@pytest.mark.parametrize("where", ["site", "report"])
def test_sharing_that_is_switched_off_makes_no_link_and_closes_those_there_are(
    where: str, viewer_client: Client, settings: Any
) -> None:
    version = made()
    link = shared(viewer_client, version)
    if where == "site":
        settings.REPORT_SHARING = False
    else:
        Report.objects.update(is_sharing_allowed=False)
    page(Client(), link, 410)
    assert "Share …" not in page(viewer_client, version.get_absolute_url())
    address = f"/reports/{version.report_id}/share/"
    assert "is not shared by links" in viewer_client.post(address, ANSWERS).content.decode()
    assert ShareLink.objects.count() == 1


ANSWERS = {"days": "7", "shows": "latest", "note": ""}


def test_a_link_ends_with_its_makers_account(viewer_client: Client) -> None:
    link = shared(viewer_client, made())
    User.objects.update(is_active=False)
    assert "may not read the report any more" in page(Client(), link, 410)


def test_everybody_sees_and_revokes_their_own_links_and_the_owner_all(
    viewer_client: Client,
) -> None:
    version = made()
    shared(viewer_client, version)
    owner, browser = reader("ada")
    address, row = f"/reports/{version.report_id}/share/", ShareLink.objects.get()
    assert list(browser.get(address).context["links"]) == []
    assert browser.post(f"{address}{row.pk}/revoke/").status_code == 404
    Report.objects.update(owner=owner)
    assert len(browser.get(address).context["links"]) == 1
    assert browser.post(f"{address}{row.pk}/revoke/").status_code == 302


@pytest.mark.parametrize("wrong", [{"days": "3650"}, {"shows": "all"}, {"note": "x" * 201}])
def test_a_form_that_was_tampered_with_makes_no_link(
    wrong: dict[str, str], viewer_client: Client
) -> None:
    made()
    address = f"/reports/{Report.objects.get().pk}/share/"
    assert viewer_client.post(address, ANSWERS | wrong).status_code == 200
    assert not ShareLink.objects.exists()
