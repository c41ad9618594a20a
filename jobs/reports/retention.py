"""What cleanup deletes of reports: versions with their files, records of mails, links."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from jobs.cleanup.registry import EXAMPLES, Batch, Kept, batch_of, retention_rule
from jobs.reports.making.orphans import orphaned_files
from jobs.reports.models import (
    DeliveryState,
    Hold,
    Report,
    ReportDelivery,
    ShareLink,
    ShareUse,
    Version,
    VersionQuerySet,
)
from jobs.reports.sharing.links import ended_links

VERSIONS = Kept(days=None, at_least=settings.REPORT_VERSIONS_KEPT)
DELIVERIES = Kept(days=settings.RUN_RETENTION_DAYS)
LINKS = Kept(days=90)
READINGS = Kept(days=365)
ORPHANS = Kept(days=1)

# A version's content and files may be large.
VERSIONS_AT_ONCE = 50
FILES_AT_ONCE = 100
OPEN = (DeliveryState.WAITING, DeliveryState.DOUBTFUL)


@retention_rule(
    "report versions",
    "deletes versions beyond the newest {at_least} of each report, or what the report itself "
    "says, with their files; never the newest, and none that a link or a mail still needs",
    VERSIONS,
)
def old_versions(
    now: datetime, limit: int, dry_run: bool, kept: Kept = VERSIONS
) -> Iterator[Batch]:
    """Delete report by report, the oldest first; the mails' records of a version go before it."""
    for report in Report.objects.order_by("pk"):
        surplus = _surplus(report, now, kept)
        last = 0
        while versions := list(
            surplus.filter(number__gt=last).order_by("number")[: min(limit, VERSIONS_AT_ONCE)]
        ):
            last = versions[-1].number
            pks = [version.pk for version in versions]
            examples = [f"{report.title}, version {one.number}" for one in versions[:EXAMPLES]]
            if dry_run:
                yield Batch(len(pks), examples)
                continue
            yield from _delete_deliveries(pks, limit)
            yield Batch(_delete_versions(surplus, pks, now), examples)


def _surplus(report: Report, now: datetime, kept: Kept) -> VersionQuerySet:
    """Return the versions that are too many or too old and that nobody needs any more."""
    at_least = max(1, report.versions_kept or kept.at_least or 1)
    newest = list(report.versions.order_by("-number").values_list("number", flat=True)[:at_least])
    if not newest:
        return Version.objects.none()
    too_many = Q(number__lt=newest[-1]) if len(newest) == at_least else Q(pk__in=[])
    days = kept.days if report.days_kept is None else report.days_kept
    too_old = Q(made_at__lt=Kept(days=days).before(now), number__lt=newest[0])
    versions = Version.objects.filter(too_many | too_old, report=report)
    return _not_needed(versions.without_content(), now)


def _not_needed(versions: VersionQuerySet, now: datetime) -> VersionQuerySet:
    """Leave out what a link shows, what is held, and what has mails under way."""
    own = {"version": OuterRef("pk")}
    shown = ShareLink.objects.filter(**own, expires_at__gt=now, revoked_at=None)
    held = Hold.objects.filter(**own, released_at=None, dropped_at=None)
    mailed = ReportDelivery.objects.filter(**own, state__in=OPEN)
    return versions.exclude(Exists(shown) | Exists(held) | Exists(mailed))


def _delete_deliveries(version_ids: list[int], limit: int) -> Iterator[Batch]:
    """Delete the mails' records of these versions, `limit` at once; there may be very many."""
    of_them = ReportDelivery.objects.filter(version__in=version_ids).exclude(state__in=OPEN)
    while pks := list(of_them.order_by("pk").values_list("pk", flat=True)[:limit]):
        ReportDelivery.objects.filter(pk__in=pks).delete()
        yield Batch(0, [])


def _delete_versions(surplus: VersionQuerySet, version_ids: list[int], now: datetime) -> int:
    """Delete those that are still surplus and that no other cleanup has; return how many."""
    with transaction.atomic():
        locked = surplus.select_for_update(skip_locked=True, of=("self",))
        taken = list(locked.filter(pk__in=version_ids).values_list("pk", flat=True))
        # Who follows such a link is told why it is closed, as long as its row is there. One that
        # is open must never lose its version: without one it would show the latest.
        ended_links(now).filter(version__in=taken).update(version=None)
        Version.objects.filter(pk__in=taken).delete_with_files()
    return len(taken)


@retention_rule(
    "report deliveries",
    "deletes the records of reports' mails older than {days}; what waits or is doubtful stays",
    DELIVERIES,
    least_days=7,
    why_least="until then they keep anybody from getting a mail twice",
)
def old_deliveries(now: datetime, limit: int, dry_run: bool, kept: Kept = DELIVERIES) -> Batch:
    """Delete the records of the oldest versions."""
    old = ReportDelivery.objects.filter(version__made_at__lt=kept.before(now))
    held = Hold.objects.filter(version=OuterRef("version"), released_at=None, dropped_at=None)
    settled = old.exclude(state__in=OPEN).exclude(Exists(held))
    rows = settled.select_related("version__report").defer("version__content")
    return batch_of(rows.order_by("version__made_at", "pk"), limit, dry_run, _mail_in_words)


def _mail_in_words(delivery: ReportDelivery) -> str:
    """Return nothing of the address: it is a person's."""
    return f"a mail of {delivery.version}"


@retention_rule("readings by links", "deletes who read by a link more than {days} ago", READINGS)
def old_readings(now: datetime, limit: int, dry_run: bool, kept: Kept = READINGS) -> Batch:
    """Delete the oldest readings."""
    old = ShareUse.objects.filter(at__lt=kept.before(now)).order_by("at")
    return batch_of(old, limit, dry_run, in_words=lambda use: f"a reading on {use.at:%Y-%m-%d}")


@retention_rule(
    "share links",
    "deletes links that expired or were revoked {days} ago, once their readings are gone",
    LINKS,
)
def old_links(now: datetime, limit: int, dry_run: bool, kept: Kept = LINKS) -> Batch:
    """Delete the links that ended longest ago."""
    before = kept.before(now)
    ended = ShareLink.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))
    unread = ended.exclude(Exists(ShareUse.objects.filter(link=OuterRef("pk"))))
    return batch_of(unread.select_related("report").order_by("expires_at"), limit, dry_run)


@retention_rule(
    "orphaned files",
    "deletes files of reports that have belonged to no version for {days}",
    ORPHANS,
    least_days=1,
    why_least="the files of a version that is being made belong to none yet",
)
def orphans(now: datetime, limit: int, dry_run: bool, kept: Kept = ORPHANS) -> Iterator[Batch]:
    """Delete what processes left in the storage that were killed in the middle of a version."""
    names = orphaned_files(kept.before(now))
    while part := list(islice(names, min(limit, FILES_AT_ONCE))):
        if not dry_run:
            for name in part:
                default_storage.delete(name)
        yield Batch(len(part), part[:EXAMPLES])
