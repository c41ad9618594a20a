"""A person's own subscription, and the link that ends one."""

from typing import cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jobs.digests.forms import SubscriptionForm
from jobs.digests.models import Cadence, Delivery, Subscriber, subscriber_of_token
from jobs.digests.rhythms import next_due

DELIVERIES_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def subscription(request: HttpRequest) -> HttpResponse:
    """Return the person's subscription and last digests; POST changes the subscription."""
    subscriber = _subscriber_of(request)
    form = SubscriptionForm(request.POST or None, instance=subscriber)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _in_words(form.save_at(timezone.now())))
        return redirect("digests:subscription")
    context = {
        "form": form,
        "subscriber": subscriber,
        "next_at": _next_at(subscriber),
        "deliveries": _last_digests(subscriber),
    }
    return render(request, "digests/subscription.html", context)


# A mail program that leaves by one click (RFC 8058) has no cookie and so no token of ours; the
# signed link itself shows that its owner wants it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Return a page that asks for confirmation; POST ends the subscription, without a login.

    A GET changes nothing: mail scanners follow every link.
    """
    subscriber = subscriber_of_token(token)
    if subscriber is None:
        raise Http404
    if request.method == "POST":
        Subscriber.objects.filter(pk=subscriber.pk).update(enabled=False)
    context = {"subscriber": subscriber, "is_done": request.method == "POST"}
    return render(request, "digests/unsubscribe.html", context)


def _subscriber_of(request: HttpRequest) -> Subscriber:
    """Return the person's subscription; an unsaved one that is off for who has none."""
    user_id = cast("int", request.user.pk)  # login_required let nobody else in
    found = Subscriber.objects.filter(user_id=user_id).first()
    return found or Subscriber(user_id=user_id, enabled=False)


def _last_digests(subscriber: Subscriber) -> list[Delivery]:
    mine = Delivery.objects.filter(subscriber_id=subscriber.pk)
    return list(mine.order_by("-covered_until")[:DELIVERIES_SHOWN])


def _next_at(subscriber: Subscriber) -> str:
    """Return when the next digest is due by the person's clock, or nothing when none is."""
    if not subscriber.enabled or subscriber.pk is None:
        return ""
    rhythm = subscriber.rhythm
    local = timezone.localtime(next_due(rhythm, timezone.now()), ZoneInfo(rhythm.zone))
    return f"{local:%A}, {local.day} {local:%B}, {local:%H:%M} ({rhythm.zone})"


def _in_words(subscriber: Subscriber) -> str:
    if not subscriber.enabled:
        return "You get no digests any more."
    often = "day" if subscriber.cadence == Cadence.DAILY else "week"
    news = "" if subscriber.wants_empty else " on which there is news"
    return f"You get a digest every {often}{news}."
