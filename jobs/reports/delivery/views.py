"""A reader's own subscriptions, and the way out from a mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.reports.delivery.forms import SubscriptionForm
from jobs.reports.delivery.reading import last_figures, words_of
from jobs.reports.delivery.subscribing import subscribe, subscription_of, unsubscribe
from jobs.reports.delivery.tokens import subscription_of_token
from jobs.reports.models import Report, Subscription
from jobs.reports.reading.access import readable_report


@require_safe
@login_required
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Return the reports that the person gets by mail."""
    mine = Subscription.objects.filter(user=request.user.pk, enabled=True)
    readable = Report.objects.readable_by(request.user)
    found = mine.filter(report__in=readable).select_related("report").order_by("report__title")
    rows = [{"subscription": one, "words": words_of(one)} for one in found]
    return render(request, "reports/subscriptions.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def subscription(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return the choices of the person's subscription; POST saves them and subscribes."""
    report, user = readable_report(request, report_id), _person(request)
    form = SubscriptionForm(
        request.POST or None,
        subscription=subscription_of(user, report),
        figures=last_figures(report),
    )
    if request.method == "POST" and form.is_valid():
        saved = subscribe(user, report, **form.choices())
        messages.success(request, f"{report.title}: {words_of(saved)}")
        return redirect("reports:subscriptions")
    return render(request, "reports/subscription.html", {"form": form, "report": report})


@require_POST
@login_required
def subscribe_now(request: HttpRequest, report_id: int) -> HttpResponse:
    """Subscribe by one click, and go back to the report."""
    report = readable_report(request, report_id)
    saved = subscribe(_person(request), report)
    messages.success(request, f"You get {report.title}. {words_of(saved)}")
    return redirect(report)


@require_POST
@login_required
def unsubscribe_now(request: HttpRequest, report_id: int) -> HttpResponse:
    """End the person's subscription by one click; also for who may no longer read the report."""
    mine = Subscription.objects.filter(user=request.user.pk, report=report_id)
    found = mine.select_related("report").first()
    if found is None:
        raise Http404("There is no such subscription of yours.")
    unsubscribe(found)
    messages.success(request, f"You get {found.report.title} by mail no more.")
    return redirect("reports:subscriptions")


# A mail program that leaves by one click (RFC 8058) has no cookie and so no token of ours; the
# signed link itself shows that its owner wants it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Return a page that asks for confirmation; POST ends the subscription, without a login.

    A GET changes nothing: mail scanners follow every link.
    """
    found = subscription_of_token(token)
    if found is None:
        raise Http404("The link is not one of ours, or the subscription is gone.")
    is_done = request.method == "POST"
    if is_done:
        unsubscribe(found)
    context = {"subscription": found, "is_done": is_done}
    return render(request, "reports/unsubscribe.html", context)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404("Sign in first.")  # login_required lets nobody else in.
    return request.user
