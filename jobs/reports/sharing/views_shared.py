"""What who has a link reads, without signing in: one version and its files, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.reports.models import ShareLink, ShareUse, Version
from jobs.reports.reading.downloads import download_of
from jobs.reports.reading.marks import note_report_read
from jobs.reports.reading.report_page import artefacts_of
from jobs.reports.rendering.page import page_body
from jobs.reports.sharing.links import link_of, why_over
from jobs.runs.remote_address import remote_address

GONE = 410
PROGRAM_LENGTH, ADDRESS_LENGTH = 200, 64

logger = structlog.get_logger(__name__)
Opened = Callable[..., HttpResponseBase]


def by_link(view: Callable[..., HttpResponseBase]) -> Opened:
    """Return the view for who has the token: it is called with the link and its version.

    An unknown token is not found; a link that is over says so. No search engine keeps the page,
    no cache a copy, and no address that is followed from it is told of it.
    """

    @require_safe
    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, token: str, **values: str) -> HttpResponseBase:
        response = _opened(view, request, token, **values)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return opened


@by_link
def shared(request: HttpRequest, link: ShareLink, version: Version) -> HttpResponse:
    """Return the version."""
    note_use(request, link, "page", timezone.now())
    document = version.document
    context = {
        "link": link,
        "version": version,
        "report": version.report,
        "body": page_body(document),
        "asked_with": document.asked_with,
        "artefacts": artefacts_of(version),
        "token": str(request.resolver_match.kwargs["token"]) if request.resolver_match else "",
    }
    return render(request, "reports/shared.html", context)


@by_link
def download(
    request: HttpRequest, link: ShareLink, version: Version, format_: str
) -> HttpResponseBase:
    """Return the version as a file."""
    artefact = get_object_or_404(version.artefacts, format=format_)
    note_use(request, link, format_, timezone.now())
    try:
        return download_of(artefact, request)
    except FileNotFoundError:
        logger.exception("the file of an artefact is missing", file=artefact.file.name)
        raise Http404("The file is missing.") from None


def note_use(request: HttpRequest, link: ShareLink, what: str, now: datetime) -> None:
    """Write down who has read what by the link."""
    ShareUse.objects.create(
        link=link,
        at=now,
        what=what,
        address=remote_address(request)[:ADDRESS_LENGTH],
        program=request.headers.get("User-Agent", "")[:PROGRAM_LENGTH],
    )
    note_report_read(link.report_id, now)
    logger.info("report read by a shared link", report=link.report_id, link=link.pk, what=what)


def _opened(
    view: Callable[..., HttpResponseBase], request: HttpRequest, token: str, **values: str
) -> HttpResponseBase:
    link = link_of(token)
    if link is None:
        # The token is not told: it may be that of another site's link.
        logger.warning("reading refused", why="no such shared link", by=remote_address(request))
        raise Http404("There is no such link.")
    why = why_over(link, timezone.now())
    if why:
        logger.info("shared link is over", report=link.report_id, link=link.pk, why=why)
        return render(request, "reports/share_over.html", {"why": why}, status=GONE)
    version = _version_of(link)
    return view(request, link=link, version=version, **values)


def _version_of(link: ShareLink) -> Version:
    versions = Version.objects.select_related("report").filter(report=link.report_id)
    if link.version_id is not None:
        return versions.get(pk=link.version_id)
    newest = versions.order_by("-number").first()
    if newest is None:
        raise Http404("There is no version yet.")
    return newest
