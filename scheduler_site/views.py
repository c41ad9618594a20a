"""The home page and the health answer."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.alerts.models import Watch
from jobs.alerts.of_schedule import COUNTED_AT_MOST, going_on_count
from jobs.reports.reading.home import home_shelves
from jobs.runs.filters import of_states
from jobs.runs.models import Run
from jobs.runs.pages import SHOWN as COLUMNS
from jobs.runs.states import FAILURES

ATTENTION = timedelta(hours=24)
SHOWN = 6
LOOKED_AT = 200


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Return the page a person starts from: fresh reports, what needs attention, what ran."""
    now = timezone.now()
    runs = Run.objects.only(*COLUMNS)
    may_see_runs = request.user.has_perm("runs.view_run")
    context = {
        "may_see_runs": may_see_runs,
        **_alerts(request),
        "shelves": home_shelves(request.user, now),
        "failures": _failures(now - ATTENTION) if may_see_runs else [],
        "runs": runs.order_by("-due_at", "-id")[:SHOWN] if may_see_runs else [],
    }
    return render(request, "home.html", context)


def _failures(since: datetime) -> list[Run]:
    """Return the newest failure of each schedule and task, so that a frequent one hides no other.

    Only the newest failures are looked through, however many there are.
    """
    failures = of_states(FAILURES).filter(due_at__gte=since).only(*COLUMNS)
    newest: dict[str, Run] = {}
    for run in failures.order_by("-due_at", "-id")[:LOOKED_AT]:
        newest.setdefault(run.title, run)
    return list(newest.values())[:SHOWN]


def _alerts(request: HttpRequest) -> dict[str, int]:
    """Return how many alerts go on, for those who may open their list in the admin."""
    if not (request.user.is_staff and request.user.has_perm("alerts.view_alert")):
        return {}
    return {"alerts_count": going_on_count(), "alerts_counted": COUNTED_AT_MOST}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200 while this process can serve and reach its database, else 503; no login.

    `alerts_looked_at` is when troubles were last looked for, by whichever worker; null: never.
    """
    try:
        looked_at = Watch.objects.values_list("looked_at", flat=True).first()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok", "alerts_looked_at": looked_at})
