"""The home page and the health answer."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.reports.reading.home import home_shelves
from jobs.runs.models import Run
from jobs.runs.states import FAILURES

ATTENTION = timedelta(hours=24)
SHOWN = 6


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Return the page a person starts from: fresh reports, what needs attention, what ran."""
    now = timezone.now()
    since = now - ATTENTION
    runs = Run.objects.defer("args", "kwargs", "result", "error", "traceback")
    failures = runs.filter(state__in=FAILURES, due_at__gte=since)
    may_see_runs = request.user.has_perm("runs.view_run")
    context = {
        "may_see_runs": may_see_runs,
        "shelves": home_shelves(request.user, now),
        "failures": failures.order_by("-due_at", "-id")[:SHOWN] if may_see_runs else [],
        "runs": runs.order_by("-due_at", "-id")[:SHOWN] if may_see_runs else [],
    }
    return render(request, "home.html", context)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200 while this process can serve and reach its database, else 503; no login."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})
