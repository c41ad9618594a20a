"""The pages on which a reader makes, sees and revokes links to a report."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs.reports.models import Report, Version
from jobs.reports.reading.access import readable_report
from jobs.reports.reading.asked import number_in
from jobs.reports.sharing import links
from jobs.reports.sharing.forms import THIS, ShareForm

# The token of a new link, for the one page that shows it.
NEW = "reports_new_share_token"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def share(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return the report's links and the form for another; POST makes it and shows it once."""
    report = readable_report(request, report_id)
    user = cast("User", request.user)  # login_required let nobody else in
    version = _version(request, report)
    may_share = links.may_be_shared(report)
    form = ShareForm(request.POST or None, number=version.number if version else None)
    if may_share and request.method == "POST" and form.is_valid():
        shown = version if form.cleaned_data["shows"] == THIS else None
        days, note = form.cleaned_data["days"], form.cleaned_data["note"]
        _, token = links.make_link(user, report, shown, days, note, timezone.now())
        request.session[NEW] = token
        return redirect(request.get_full_path())
    token = request.session.pop(NEW, "")
    context = {
        "report": report,
        "version": version,
        "may_share": may_share,
        "form": form,
        "new_address": _whole_address(request, token) if token else "",
        "links": _listed(user, report),
    }
    return render(request, "reports/share.html", context)


@require_POST
@login_required
def revoke(request: HttpRequest, report_id: int, link_id: int) -> HttpResponse:
    """Revoke a link of the reader's own, or of the report's they own; 404 for any other."""
    report = readable_report(request, report_id)
    user = cast("User", request.user)
    link = get_object_or_404(links.links_for(user, report), pk=link_id)
    links.revoke(link, user, timezone.now())
    messages.success(request, "The link opens no more.")
    return redirect("reports:share", report.pk)


def _version(request: HttpRequest, report: Report) -> Version | None:
    number = number_in(request, "version")
    if number is None:
        return None
    return get_object_or_404(report.versions.without_content(), number=number)


def _listed(user: User, report: Report) -> list[dict[str, object]]:
    now = timezone.now()
    found = links.links_for(user, report)[: links.LISTED]
    return [{"link": link, "why_over": links.why_over(link, now)} for link in found]


def _whole_address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("reports:shared", args=[token]))
