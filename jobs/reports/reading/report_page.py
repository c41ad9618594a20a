"""What the page of a report shows: one of its versions, and what stands around it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.shortcuts import get_object_or_404

from jobs.reports.delivery.reading import hold_notice, subscription_panel
from jobs.reports.formats import Format
from jobs.reports.models import Artefact, Report, Version
from jobs.reports.periods import Period
from jobs.reports.reading.comparing import Changes, changes_between
from jobs.reports.reading.library import freshness_of
from jobs.reports.reading.marks import is_favourite
from jobs.reports.reading.period_bar import Offered, PeriodBar, period_bar
from jobs.reports.rendering.page import page_body
from jobs.reports.sharing.links import may_be_shared
from jobs.runs.models import Run

VERSIONS_BESIDE = 100


def version_with(report: Report, number: int) -> Version:
    """Return the version with this number, with its content. Raises Http404."""
    whole = Version.objects.select_related("report")
    return get_object_or_404(whole, report=report, number=number)


def page_of(
    user: AbstractBaseUser | AnonymousUser, version: Version, now: datetime
) -> dict[str, Any]:
    """Return the context of the page on which `user` reads the version."""
    report, document = version.report, version.document
    newest = newest_of(report)
    before = one_before(version)
    return {
        "report": report,
        "version": version,
        "body": page_body(document),
        "asked_with": document.asked_with,
        "artefacts": artefacts_of(version),
        "is_latest": newest is None or newest.number == version.number,
        "bar": bar_of(version),
        "before": before,
        "changes": changes_since(before, version) if before else None,
        "is_favourite": is_favourite(user, report),
        "may_share": may_be_shared(report),
        "panel": subscription_panel(user, report),
        "held": hold_notice(user, version),
        "making": making_of(report, newest, version.number, now),
    }


def making_of(report: Report, newest: Version | None, seen: int, now: datetime) -> dict[str, Any]:
    """Return what is told about the next version: the fragment that a page asks for again.

    `seen` is the number of the version that the page shows, 0 for none.
    """
    fresh = freshness_of([report], [newest] if newest else [], now)[report.pk]
    return {
        "freshness": fresh,
        "progress": _progress(fresh.run_id) if fresh.run_id else None,
        "newer": newest if newest and newest.number > seen else None,
        "seen": seen,
    }


def newest_of(report: Report) -> Version | None:
    """Return the newest version, without its content."""
    return report.versions.without_content().order_by("-number").first()


def bar_of(version: Version) -> PeriodBar:
    """Return the way to other periods, among some 200 versions around this one."""
    around = Version.objects.filter(
        report=version.report_id, number__lte=version.number + VERSIONS_BESIDE
    )
    rows = around.order_by("-number").values_list(
        "number", "period_start_at", "period_end_at", "zone", "parameters"
    )[: 2 * VERSIONS_BESIDE]
    versions = [
        Offered(number, Period(start_at, end_at, zone), given)
        for number, start_at, end_at, zone, given in rows
    ]
    return period_bar(Offered(version.number, version.period, version.parameters), versions)


def one_before(version: Version) -> Version | None:
    """Return the version that this one is compared with: the last one of the same parameters."""
    older = Version.objects.filter(
        report=version.report_id, number__lt=version.number, parameters=version.parameters
    )
    return older.select_related("report").order_by("-number").first()


def changes_since(before: Version, version: Version) -> Changes:
    """Return how the version differs from the one before."""
    return changes_between(before.document.content, version.document.content, version.zone)


def artefacts_of(version: Version) -> list[Artefact]:
    """Return the files of the version, in the order of the formats."""
    return sorted(version.artefacts.all(), key=lambda one: Format.values.index(one.format))


def _progress(run_id: UUID) -> dict[str, Any] | None:
    """Return what the run has told last: done, total, text; None while it has told nothing."""
    told: dict[str, Any] | None = (
        Run.objects.filter(id=run_id).values_list("progress", flat=True).first()
    )
    return told
