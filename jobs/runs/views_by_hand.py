"""Starting a run again and ending one: each asks once (GET), then does it (POST)."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs.runs import by_hand, interested
from jobs.runs.models import Run
from jobs.runs.states import State

REASON_LENGTH = 200

ask_or_do = require_http_methods(["GET", "HEAD", "POST"])


@ask_or_do
@login_required
@permission_required("runs.retry_run", raise_exception=True)
def retry(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Return the question, or start the run again and go to the new one."""
    run = get_object_or_404(Run, id=run_id)
    if request.method != "POST":
        refusal = interested.why_not(run.id, _person(request)) or by_hand.why_no_retry(run)
        context = {"run": run, "refusal": refusal}
        return render(request, "runs/retry.html", context)
    answer = by_hand.retry(run.id, _person(request), timezone.now())
    return _answered(request, run, answer, "retry")


@ask_or_do
@login_required
@permission_required("runs.cancel_run", raise_exception=True)
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Return the question, or end the run: by asking its task, the second time by force."""
    run = get_object_or_404(Run, id=run_id)
    was_asked = run.state == State.RUNNING and run.cancel_requested_at is not None
    if request.method != "POST":
        refusal = interested.why_not(run.id, _person(request))
        context = {"run": run, "was_asked": was_asked, "refusal": refusal}
        return render(request, "runs/cancel.html", context)
    end = by_hand.end_by_force if request.POST.get("force") else by_hand.cancel
    reason = request.POST.get("reason", "").strip()[:REASON_LENGTH]
    answer = end(run.id, _person(request), reason, timezone.now())
    return _answered(request, run, answer, "cancel", reason)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _answered(
    request: HttpRequest, run: Run, answer: by_hand.Answer, action: str, why: str = ""
) -> HttpResponse:
    if answer.is_done:
        interested.tell(request, run, action, why)
        messages.success(request, answer.sentence)
    else:
        messages.error(request, answer.sentence)
    return redirect(answer.run or run)
