"""What people decide about mails: to release or drop held ones, to clear up doubtful ones."""

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs.reports.delivery import doubtful as doubtful_mails
from jobs.reports.delivery.holds import drop, may_decide, open_holds, release
from jobs.reports.delivery.starting import start_sending
from jobs.reports.models import Hold, Version
from jobs.reports.reading.access import readable_report

DOUBTFUL_SHOWN = 200
BOUNCED_SHOWN = 50

logger = structlog.get_logger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hold(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """Return why a version's mails are held; POST `what=release` or `what=drop` decides."""
    report = readable_report(request, report_id)
    versions = Version.objects.without_content().select_related("report")
    version = get_object_or_404(versions, report=report, number=number)
    held = get_object_or_404(Hold.objects.select_related("ended_by"), pk=version.pk)
    person = _who_may(request, may_decide(request.user, report))
    if request.method == "POST":
        messages.info(request, _decided(version, person, request.POST.get("what", "")))
        return redirect(version)
    is_open = open_holds().filter(pk=held.pk).exists()
    context = {"hold": held, "version": version, "report": report, "is_open": is_open}
    return render(request, "reports/hold.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def doubtful(request: HttpRequest) -> HttpResponse:
    """Return the doubtful mails; POST `delivery` with `what=again` or `what=arrived` decides."""
    person = _who_may(request, isinstance(request.user, User))
    found = doubtful_mails.doubtful_for(person).select_related("version__report")
    if request.method == "POST":
        _clear_up(request, person)
        return redirect("reports:doubtful")
    rows = found.defer("version__content").order_by("pk")[:DOUBTFUL_SHOWN]
    bounced = doubtful_mails.bounced_for(person).select_related("version__report")
    newest = bounced.defer("version__content").order_by("-pk")[:BOUNCED_SHOWN]
    return render(request, "reports/doubtful.html", {"deliveries": rows, "bounced": newest})


def _decided(version: Version, person: User, what: str) -> str:
    """Carry the decision out and return what happened, as a sentence."""
    if what == "drop":
        is_done = drop(version, person, timezone.now())
        return "Nobody gets it by mail." if is_done else "Somebody has decided before."
    if what != "release":
        return "Choose to release or to drop it."
    count = release(version, person, timezone.now())
    return "Somebody has decided before." if count is None else f"Released: {count} mails go out."


def _clear_up(request: HttpRequest, person: User) -> None:
    key = request.POST.get("delivery", "")
    mine = doubtful_mails.doubtful_for(person).select_related("version")
    delivery = mine.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    if delivery is None:
        messages.warning(request, "This mail is not in doubt any more.")
    elif request.POST.get("what") == "again":
        if doubtful_mails.send_again(delivery, person, timezone.now()):
            start_sending(delivery.version)
        messages.success(request, f"It is sent to {delivery.address} once more.")
    elif request.POST.get("what") == "arrived":
        doubtful_mails.it_arrived(delivery, person)
        messages.success(request, f"The mail to {delivery.address} counts as sent.")
    else:
        messages.warning(request, "Choose to send it again, or say that it arrived.")


def _who_may(request: HttpRequest, may: bool) -> User:
    """Return the person; raise PermissionDenied, logged, for who may not."""
    if not may or not isinstance(request.user, User):
        name = request.user.get_username()
        logger.warning("deciding about mails refused", by=name, path=request.path)
        raise PermissionDenied
    return request.user
