"""The pages on which reports are read. One place decides who may read what: `readable_by`."""

import structlog
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jobs.reports.formats import Format
from jobs.reports.models import Artefact, Report, Version
from jobs.reports.reading.downloads import download_of
from jobs.reports.reading.library import library_of
from jobs.reports.reading.pages import page_of_versions
from jobs.reports.rendering.page import page_body

NEWEST_SHOWN = 5

logger = structlog.get_logger(__name__)


@require_safe
@login_required
def library(request: HttpRequest) -> HttpResponse:
    """Return the reports that there are, with the latest version of each."""
    return render(request, "reports/library.html", {"library": library_of(request.user)})


@require_safe
@login_required
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return the latest version of a report."""
    return _version_page(request, _readable(request, report_id), None)


@require_safe
@login_required
def version(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """Return one version of a report."""
    return _version_page(request, _readable(request, report_id), number)


@require_safe
@login_required
def versions(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return a list of a report's versions; `older_than` and `newer_than` page."""
    found = _readable(request, report_id)
    page = page_of_versions(
        found, _number(request, "older_than"), newer_than=_number(request, "newer_than")
    )
    return render(request, "reports/versions.html", {"report": found, "page": page})


@require_safe
@login_required
def download(
    request: HttpRequest, report_id: int, number: int, format_: str
) -> HttpResponse | StreamingHttpResponse:
    """Return a version as a file, or the page that says that the file is gone."""
    found = _readable(request, report_id)
    artefact = get_object_or_404(
        Artefact.objects.select_related("version__report").defer("version__content"),
        version__report=found,
        version__number=number,
        format=format_,
    )
    try:
        return download_of(artefact, request)
    except FileNotFoundError:
        logger.exception("the file of an artefact is missing", file=artefact.file.name)
        return render(request, "reports/missing_file.html", {"artefact": artefact}, status=404)


def _readable(request: HttpRequest, report_id: int) -> Report:
    return get_object_or_404(Report.objects.readable_by(request.user), pk=report_id)


def _version_page(request: HttpRequest, found: Report, number: int | None) -> HttpResponse:
    """Return the page of the version with this number, of the latest without one."""
    newest = list(found.versions.without_content().order_by("-number")[:NEWEST_SHOWN])
    wanted = number if number is not None else newest[0].number if newest else 0
    shown = get_object_or_404(Version.objects.select_related("report"), report=found, number=wanted)
    context = {
        "version": shown,
        "report": found,
        "body": page_body(shown.document),
        "artefacts": sorted(shown.artefacts.all(), key=lambda one: Format.values.index(one.format)),
        "newest": newest,
        "is_latest": wanted == newest[0].number,
        "older": _neighbour(found, "-number", number__lt=wanted),
        "newer": _neighbour(found, "number", number__gt=wanted),
    }
    return render(request, "reports/version.html", context)


def _neighbour(found: Report, order: str, **beyond: int) -> Version | None:
    return found.versions.without_content().filter(**beyond).order_by(order).first()


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    # More digits than any number has would be an error of the database.
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadRequest(f"{name} is not the number of a version.")
    return int(given)
