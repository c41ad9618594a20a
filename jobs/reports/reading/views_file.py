"""A file by its signed address, without signing in."""

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.reports.models import Artefact
from jobs.reports.reading.downloads import download_of
from jobs.reports.reading.signed import ExpiredError, NotOursError, artefact_id_of
from jobs.runs.remote_address import remote_address

GONE = 410

logger = structlog.get_logger(__name__)


@require_safe
@never_cache
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """Return the file that the token names, or the page that says that its time is over."""
    try:
        artefact_id = artefact_id_of(token)
    except ExpiredError:
        return _over(request)
    except NotOursError:
        logger.warning("reading refused", why="forged address", by=remote_address(request))
        raise Http404("There is no such file.") from None
    found = Artefact.objects.select_related("version__report").defer("version__content")
    artefact = get_object_or_404(found, pk=artefact_id)
    try:
        return download_of(artefact, request)
    except FileNotFoundError:
        logger.exception("the file of an artefact is missing", file=artefact.file.name)
        raise Http404("The file is missing.") from None


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/file_over.html", status=GONE)
