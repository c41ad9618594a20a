"""What a reader is told of versions that are not there: the next one, and one about another day."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.reports.models import Report, Version
from jobs.reports.reading import report_page
from jobs.reports.reading.access import readable_report
from jobs.reports.reading.asked import day_asked, number_in
from jobs.reports.reading.offering import offer_of
from jobs.reports.reading.picking import best_number, day_in

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
    """Go to the version about `day`, or say how one could be made."""
    found = readable_report(request, report_id)
    day = day_asked(request, "day")
    rows = _versions_near(found, day)
    number = best_number(((row.number, row.period) for row in rows), day)
    if number is not None:
        return redirect("reports:version", found.pk, number)
    newest = report_page.newest_of(found)
    offer = offer_of(request.user, found, newest, day, timezone.now())
    context = {"report": found, "day": day, "offer": offer, "newest": newest}
    return render(request, "reports/no_version.html", context)


def _versions_near(found: Report, day: date) -> list[Version]:
    """Return the newest versions whose span may touch the day, in whatever zone they are."""
    utc = day_in(day, "UTC")
    near = found.versions.filter(
        period_start_at__lt=utc.end_at + ZONES, period_end_at__gt=utc.start_at - ZONES
    )
    return list(near.without_content().order_by("-number")[:VERSIONS_LOOKED_AT])
