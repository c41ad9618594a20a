"""What cleanup deletes of reports, and what it leaves because somebody still needs it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from jobs.cleanup.registry import Batch, Kept
from jobs.reports.content import Content
from jobs.reports.content_json import to_json
from jobs.reports.models import (
    Artefact,
    DeliveryState,
    Hold,
    Report,
    ReportDelivery,
    ShareLink,
    ShareUse,
    Version,
)
from jobs.reports.retention import (
    old_deliveries,
    old_links,
    old_readings,
    old_versions,
    orphans,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TWO = Kept(days=None, at_least=2)


@pytest.fixture(autouse=True)
def committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Iterator[None]:
    """Delete files as if the test's transaction were committed."""
    with django_capture_on_commit_callbacks(execute=True):
        yield


def report(slug: str, count: int, **changes: Any) -> Report:
    """Return a report with versions, the newest of them made now and each a day after the other."""
    made = Report.objects.create(slug=slug, title=slug.title(), **changes)
    for number in range(1, count + 1):
        made_at = NOW - (count - number) * DAY
        version = Version.objects.create(
            report=made,
            number=number,
            due_at=made_at,
            period_start_at=made_at - DAY,
            period_end_at=made_at,
            zone="UTC",
            made_at=made_at,
            summary="Nothing.",
            content=to_json(Content("Nothing.", [])),
        )
        file = ContentFile(b"a,b\r\n", name=f"reports/{slug}/{number}.csv")
        Artefact.objects.create(
            version=version, format="csv", file=file, size_bytes=5, sha256="0" * 64
        )
    return made


def swept(batches: Iterable[Batch]) -> int:
    """Return how many rows a rule deleted."""
    return sum(batch.count for batch in batches)


def left(of: Report) -> list[int]:
    """Return the numbers of the versions that there still are."""
    return list(of.versions.order_by("number").values_list("number", flat=True))


def test_the_newest_versions_of_each_report_stay_with_their_files(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    daily, new = report("daily", 4), report("new", 1)
    planned = list(old_versions(NOW, 1, True, TWO))
    assert [batch.examples for batch in planned] == [["Daily, version 1"], ["Daily, version 2"]]
    assert len(left(daily)) == 4, "a dry run deletes nothing"
    name = str(Artefact.objects.get(version__report=daily, version__number=1).file.name)
    with django_capture_on_commit_callbacks(execute=True):
        assert swept(old_versions(NOW, 1, False, TWO)) == 2
    assert (left(daily), left(new)) == ([3, 4], [1])
    assert not default_storage.exists(name)
    assert Artefact.objects.count() == 3


def test_what_a_report_says_of_itself_comes_before_the_policy() -> None:
    many, one = report("many", 4, versions_kept=3), report("one", 4, versions_kept=1)
    aged = report("aged", 4, days_kept=1, versions_kept=100)
    swept(old_versions(NOW, 100, False, TWO))
    assert (left(many), left(one), left(aged)) == ([2, 3, 4], [4], [3, 4])


def test_the_newest_version_stays_however_old() -> None:
    aged = report("aged", 2)
    swept(old_versions(NOW + 1000 * DAY, 100, False, Kept(days=1, at_least=1)))
    assert left(aged) == [2]


def test_a_version_that_is_shown_held_or_mailed_stays() -> None:
    owner = User.objects.create_user("owner")
    needed = report("needed", 8)
    shown, revoked, held, released, mailed, sent = needed.versions.order_by("number")[:6]
    link = {"report": needed, "made_by": owner, "made_at": NOW, "expires_at": NOW + DAY}
    ShareLink.objects.create(version=shown, token_sha256="a", **link)
    ShareLink.objects.create(version=revoked, token_sha256="b", revoked_at=NOW, **link)
    Hold.objects.create(version=held, reason="empty", held_at=NOW)
    Hold.objects.create(version=released, reason="empty", held_at=NOW, released_at=NOW)
    mail(mailed, DeliveryState.DOUBTFUL)
    mail(sent, DeliveryState.SENT)
    assert swept(old_versions(NOW, 100, False, TWO)) == 3
    assert left(needed) == [1, 3, 5, 7, 8]


def mail(version: Version, state: str, address: str = "ada@example.org") -> ReportDelivery:
    """Return the record of a mail about the version."""
    return ReportDelivery.objects.create(
        version=version, address=address, state=state, send_after_at=NOW
    )


def test_the_records_of_very_many_mails_go_before_their_version_in_batches() -> None:
    old = report("old", 3)
    for number in range(5):
        mail(old.versions.get(number=1), DeliveryState.SENT, f"reader{number}@example.org")
    assert [batch.count for batch in old_versions(NOW, 2, False, TWO)] == [0, 0, 0, 1]
    assert not ReportDelivery.objects.exists()


def test_old_records_of_mails_go_without_addresses_in_the_examples_and_open_ones_stay() -> None:
    daily = report("daily", 1)
    [version] = daily.versions.all()
    Version.objects.update(made_at=NOW - 91 * DAY)
    for state in DeliveryState:
        mail(version, state, f"{state.name}@example.org")
    batch = old_deliveries(NOW, 100, False)
    assert (batch.count, set(batch.examples)) == (4, {"a mail of Daily, version 1"})
    open_ones = {DeliveryState.WAITING, DeliveryState.DOUBTFUL}
    assert set(ReportDelivery.objects.values_list("state", flat=True)) == open_ones
    assert old_deliveries(NOW - 2 * DAY, 100, True).count == 0


def test_links_that_ended_go_once_their_readings_are_gone() -> None:
    owner = User.objects.create_user("owner")
    link = {"report": report("shown", 1), "made_by": owner, "made_at": NOW - 500 * DAY}
    ended, later = NOW - 91 * DAY, NOW + DAY
    expired = ShareLink.objects.create(token_sha256="a", expires_at=ended, **link)
    ShareLink.objects.create(token_sha256="b", expires_at=later, revoked_at=ended, **link)
    ShareLink.objects.create(token_sha256="c", expires_at=later, **link)
    ShareLink.objects.create(token_sha256="d", expires_at=NOW - 89 * DAY, **link)
    ShareUse.objects.create(link=expired, at=NOW - 366 * DAY, what="page")
    ShareUse.objects.create(link=expired, at=NOW - 364 * DAY, what="page")
    assert old_readings(NOW, 10, False).examples == ["a reading on 2025-11-20"]
    assert old_links(NOW, 10, False).count == 1
    ShareUse.objects.all().delete()
    assert old_links(NOW, 10, False).count == 1
    assert set(ShareLink.objects.values_list("token_sha256", flat=True)) == {"c", "d"}


def test_files_that_belong_to_no_version_go_and_the_others_stay() -> None:
    daily = report("daily", 1)
    orphan = default_storage.save("reports/daily/left.csv", ContentFile(b"x"))
    own = str(Artefact.objects.get(version__report=daily).file.name)
    later = datetime.now(UTC) + 2 * DAY
    assert swept(orphans(datetime.now(UTC), 10, True)) == 0, (
        "they may be of a version in the making"
    )
    assert [batch.examples for batch in orphans(later, 10, True)] == [[orphan]]
    assert default_storage.exists(orphan)
    assert swept(orphans(later, 10, False)) == 1
    assert (default_storage.exists(orphan), default_storage.exists(own)) == (False, True)
