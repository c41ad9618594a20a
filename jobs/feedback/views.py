"""The public form and the page that answers at once."""

import math
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from jobs.feedback import limits, tasks
from jobs.feedback.forms import FeedbackForm
from jobs.feedback.models import FeedbackMessage
from jobs.feedback.thanking import FIRST_SWEEP

logger = structlog.get_logger(__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """Return the form, or keep what was sent and go to the thanks."""
    if request.method != "POST":
        return render(
            request, "feedback/form.html", {"form": FeedbackForm(initial=_known(request))}
        )
    filled = FeedbackForm(request.POST)
    if filled.is_from_a_robot:
        # A robot that is told "no" tries again in another way.
        logger.info("feedback of a robot dropped")
        return redirect("feedback:thanks")
    if not filled.is_valid():
        filled.focus_first_error()
        return render(request, "feedback/form.html", {"form": filled}, status=422)
    return _kept(request, filled) or redirect("feedback:thanks")


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Return the page that says thank you."""
    return render(request, "feedback/thanks.html")


def _kept(request: HttpRequest, filled: FeedbackForm) -> HttpResponse | None:
    """Save the message and ask a worker to thank; return a page only when it is too many."""
    now = timezone.now()
    message = filled.save(commit=False)
    message.sender_key = limits.sender_key(request)
    free_at = limits.free_again_at(message.sender_key, message.email, now)
    if free_at is not None:
        return _too_many(request, filled, free_at, now)
    message.made_at = now
    message.try_again_at = now + FIRST_SWEEP
    with transaction.atomic():
        message.save()
        transaction.on_commit(lambda: _ask_for_thanks(message))
    return None


def _too_many(
    request: HttpRequest, filled: FeedbackForm, free_at: datetime, now: datetime
) -> HttpResponse:
    """Return the form, with all that was written, and when it may be sent."""
    filled.add_error(None, f"Too many messages for now. Send this one after {_clock(free_at)}.")
    response = render(request, "feedback/form.html", {"form": filled}, status=429)
    response["Retry-After"] = str(math.ceil((free_at - now).total_seconds()))
    return response


def _ask_for_thanks(message: FeedbackMessage) -> None:
    """Publish the task; without a broker the sweep thanks later, so that nobody waits here."""
    try:
        tasks.thank.delay(message.pk)
    except OperationalError as problem:
        logger.warning("thanks left to the sweep", message=message.pk, problem=str(problem))


def _known(request: HttpRequest) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return {}
    return {"name": request.user.get_full_name(), "email": request.user.email}


def _clock(instant: datetime) -> str:
    local = timezone.localtime(instant)
    return f"{local:%H:%M} ({timezone.get_current_timezone_name()})"
