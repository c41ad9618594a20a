"""The page that asks once before a report's SQL is deleted; its versions stay to be read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from jobs.reports.admin.links import may_define
from jobs.reports.admin.recording import picture_of
from jobs.reports.models import Report, SqlDefinition
from jobs.reports.reading.schedules import makings_of
from jobs.runs.trail import record

TEMPLATE = "reports/admin/removal.html"


class RemovalPage:
    """The view of the page, within the admin of reports."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def remove(self, request: HttpRequest, report_id: int) -> HttpResponse:
        """Ask, and with POST delete the query and how its answer is shown."""
        if not may_define(request.user):
            raise PermissionDenied
        found = SqlDefinition.objects.select_related("report")
        stored = get_object_or_404(found, pk=report_id)
        if request.method != "POST":
            return render(request, TEMPLATE, self._context(request, stored))
        _remove(request, stored.report)
        messages.success(
            request,
            f"“{stored.report.title}” is no longer defined. Its versions stay until retention "
            "deletes them.",
        )
        return HttpResponseRedirect(reverse("admin:reports_report_change", args=[report_id]))

    def _context(self, request: HttpRequest, stored: SqlDefinition) -> dict[str, Any]:
        return {
            **self.admin.admin_site.each_context(request),
            "title": f"Delete the definition of {stored.report.title}",
            "opts": self.admin.opts,
            "report": stored.report,
            "stored": stored,
            "version_count": stored.report.versions.count(),
            "schedules": _schedules_of(stored.report),
        }


@transaction.atomic
def _remove(request: HttpRequest, report: Report) -> None:
    """Delete the definition and record it; whoever comes second finds nothing to delete."""
    before = picture_of(report.pk)
    SqlDefinition.objects.filter(pk=report.pk).delete()
    record(request, report, before, picture_of(report.pk), action="delete definition")


def _schedules_of(report: Report) -> list[str]:
    """Return the names of the schedules that are on and make the report."""
    makings = makings_of({report.slug}).get(report.slug, [])
    ids = [making.schedule_id for making in makings if making.is_on]
    named = PeriodicTask.objects.filter(pk__in=ids).order_by("name")
    return list(named.values_list("name", flat=True))
