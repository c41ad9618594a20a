"""The pages on which reports are found and read. `readable_report` decides who gets in."""

import structlog
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.reports.models import Artefact, Report
from jobs.reports.reading import report_page
from jobs.reports.reading.access import readable_report
from jobs.reports.reading.asked import number_in
from jobs.reports.reading.downloads import download_of
from jobs.reports.reading.entries import Wanted
from jobs.reports.reading.library import library_of
from jobs.reports.reading.library_page import context_of
from jobs.reports.reading.marks import is_favourite, note_read
from jobs.reports.reading.pages import page_of_versions

LONGEST_WORDS = 200

logger = structlog.get_logger(__name__)


@require_safe
@login_required
def library(request: HttpRequest) -> HttpResponse:
    """Return the reports that there are; `q`, `tag` and `show` narrow, `page` pages."""
    wanted = Wanted(
        request.GET.get("q", "")[:LONGEST_WORDS],
        request.GET.get("tag", ""),
        request.GET.get("show", ""),
        number_in(request, "page") or 1,
    )
    found = library_of(request.user, wanted, timezone.now())
    return render(request, "reports/library.html", context_of(found, wanted))


@require_safe
@login_required
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return the latest version of a report, or the page that says that there is none yet."""
    found = readable_report(request, report_id)
    newest = report_page.newest_of(found)
    if newest is not None:
        return _version(request, found, newest.number)
    context = {
        "report": found,
        "is_favourite": is_favourite(request.user, found),
        "making": report_page.making_of(found, None, 0, timezone.now()),
    }
    return render(request, "reports/not_made.html", context)


@require_safe
@login_required
def version(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """Return one version of a report."""
    return _version(request, readable_report(request, report_id), number)


@require_safe
@login_required
def versions(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return a list of a report's versions; `older_than` and `newer_than` page."""
    found = readable_report(request, report_id)
    page = page_of_versions(
        found, number_in(request, "older_than"), newer_than=number_in(request, "newer_than")
    )
    return render(request, "reports/versions.html", {"report": found, "page": page})


@require_safe
@login_required
def changes(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """Return all that changed since the version `since`; without it, since the one before."""
    found = readable_report(request, report_id)
    shown = report_page.version_with(found, number)
    since = number_in(request, "since")
    before = (
        report_page.one_before(shown) if since is None else report_page.version_with(found, since)
    )
    context = {
        "report": found,
        "version": shown,
        "before": before,
        "changes": report_page.changes_since(before, shown) if before else None,
        "is_whole": True,
    }
    return render(request, "reports/changes.html", context)


@require_safe
@login_required
def download(request: HttpRequest, report_id: int, number: int, format_: str) -> HttpResponseBase:
    """Return a version as a file, or the page that says that the file is gone."""
    found = readable_report(request, report_id)
    artefact = get_object_or_404(
        Artefact.objects.select_related("version__report").defer("version__content"),
        version__report=found,
        version__number=number,
        format=format_,
    )
    note_read(request.user, artefact.version, timezone.now())
    try:
        return download_of(artefact, request)
    except FileNotFoundError:
        logger.exception("the file of an artefact is missing", file=artefact.file.name)
        return render(request, "reports/missing_file.html", {"artefact": artefact}, status=404)


def _version(request: HttpRequest, found: Report, number: int) -> HttpResponse:
    """Return the page of the version, and note who has read it."""
    now = timezone.now()
    shown = report_page.version_with(found, number)
    context = report_page.page_of(request.user, shown, now)
    note_read(request.user, shown, now)
    return render(request, "reports/version.html", context)
