"""The one way to a report: what a person may not read is not there, and the try is logged."""

import structlog
from django.http import Http404, HttpRequest

from jobs.reports.models import Report

logger = structlog.get_logger(__name__)


def readable_report(request: HttpRequest, report_id: int) -> Report:
    """Return the report; raise Http404 for one that is not there, or not for this person.

    Both are answered alike, so that a guess tells nobody which reports there are.
    """
    report = Report.objects.readable_by(request.user).filter(pk=report_id).first()
    if report is None:
        logger.warning(
            "reading refused", report=report_id, by=request.user.get_username(), path=request.path
        )
        raise Http404("There is no such report for you.")
    return report
