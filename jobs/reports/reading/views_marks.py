"""Marking a report as a favourite."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from jobs.reports.models import Report
from jobs.reports.reading.access import readable_report
from jobs.reports.reading.marks import set_favourite


@require_POST
@login_required
def favourite(request: HttpRequest, report_id: int) -> HttpResponse:
    """Mark the report, or with `wanted=no` take the mark away; go back to where it was asked."""
    found = readable_report(request, report_id)
    wanted = request.POST.get("wanted") != "no"
    # login_required let nobody else in.
    set_favourite(cast("int", request.user.pk), found, wanted)
    if getattr(request, "htmx", False):
        context = {"report": found, "is_favourite": wanted, "next": _next(request, found)}
        return render(request, "reports/favourite.html", context)
    return HttpResponseRedirect(_next(request, found))


def _next(request: HttpRequest, report: Report) -> str:
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, None)
    return asked if is_ours else report.get_absolute_url()
