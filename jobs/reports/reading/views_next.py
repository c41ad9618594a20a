"""What a reader is told of versions that are not there: the next one, and others."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.reports.models import Report
from jobs.reports.periods import Period
from jobs.reports.reading import report_page
from jobs.reports.reading.access import readable_report
from jobs.reports.reading.asked import NoDaysError, days_asked, number_in
from jobs.reports.reading.days import Days, days_with
from jobs.reports.reading.offering import offer_of
from jobs.reports.reading.picking import best_number

BAD_REQUEST = 400
VERSIONS_LOOKED_AT = 5_000
# A local day begins and ends at most so long before and after that of UTC.
ZONES = timedelta(hours=15)


@require_safe
@login_required
def making(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return the fragment about the next version, for a page that shows version `seen`."""
    found = readable_report(request, report_id)
    seen = number_in(request, "seen") or 0
    newest = report_page.newest_of(found)
    context = {
        "report": found,
        "making": report_page.making_of(found, newest, seen, timezone.now()),
        "is_asked_again": True,
    }
    return render(request, "reports/making.html", context)


@require_safe
@login_required
def about(request: HttpRequest, report_id: int) -> HttpResponse:
    """Go to a `version`, or to the one about a `day`, `week` or `month`; else say what there is.

    Where there is none, the page says how one could be made.
    """
    found = readable_report(request, report_id)
    number = number_in(request, "version")
    if number is not None:
        return redirect("reports:version", found.pk, number)
    try:
        days = days_asked(request)
    except NoDaysError as problem:
        wanted = days_with(problem.unit, timezone.localdate())
        context = {"report": found, "days": wanted, "problem": str(problem)}
        return render(request, "reports/no_version.html", context, status=BAD_REQUEST)
    number = best_number(_versions_near(found, days), days)
    if number is not None:
        return redirect("reports:version", found.pk, number)
    newest = report_page.newest_of(found)
    offer = offer_of(request.user, found, newest, days, timezone.now())
    context = {"report": found, "days": days, "offer": offer, "newest": newest}
    return render(request, "reports/no_version.html", context)


def _versions_near(found: Report, days: Days) -> Iterator[tuple[int, Period]]:
    """Yield the newest versions whose span may touch the days, in whatever zone they are."""
    start_at, end_at = days.bounds("UTC")
    near = found.versions.filter(
        period_start_at__lt=end_at + ZONES, period_end_at__gt=start_at - ZONES
    )
    rows = near.order_by("-number").values_list(
        "number", "period_start_at", "period_end_at", "zone"
    )
    for number, start, end, zone in rows[:VERSIONS_LOOKED_AT]:
        yield number, Period(start, end, zone)
