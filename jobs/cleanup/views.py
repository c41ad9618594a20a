"""The page that says what retention would delete now, and what it did."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_celery_beat.models import PeriodicTask

from jobs.cleanup.applying import apply_all
from jobs.cleanup.models import Deletion
from jobs.cleanup.policies import assignments
from jobs.cleanup.tasks import run as cleanup_task
from jobs.runs.models import Run

RUNS_SHOWN = 10
DAYS_SHOWN = 30
# Counting stops here, so that the page stays quick however much there is.
COUNTED = 1000


@require_safe
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """Return the rules with what each would delete now, and the last runs; staff only."""
    if not getattr(request.user, "is_staff", False):
        raise PermissionDenied
    now = timezone.now()
    context = {
        "results": apply_all(assignments(), now, dry_run=True, dry_run_limit=COUNTED),
        "may_change": request.user.has_perm("cleanup.change_cleanuppolicy"),
        "runs": [(run, _done_by(run)) for run in _last_runs()],
        "deleted": _deleted_since(now - timedelta(days=DAYS_SHOWN)),
        "days": DAYS_SHOWN,
    }
    return render(request, "cleanup/rules.html", context)


def _deleted_since(since: datetime) -> list[dict[str, Any]]:
    """Return each rule's `total` since then, when it last deleted, and its `last` record."""
    records = Deletion.objects.filter(at__gte=since)
    totals = records.values("rule").annotate(total=Sum("count"), last_at=Max("at"))
    return [
        {
            "rule": row["rule"],
            "total": f"{row['total']:,}",
            "last_at": row["last_at"],
            "last": records.filter(rule=row["rule"]).latest("at"),
        }
        for row in totals.order_by("rule")
    ]


def _last_runs() -> list[Run]:
    """Return the newest runs of the schedules of cleanup, found by the index on schedules."""
    schedules = PeriodicTask.objects.filter(task=cleanup_task.name)
    runs: list[Run] = []
    for schedule in schedules:
        runs += Run.objects.filter(schedule=schedule).order_by("-due_at")[:RUNS_SHOWN]
    return sorted(runs, key=lambda run: run.due_at, reverse=True)[:RUNS_SHOWN]


def _done_by(run: Run) -> str:
    """Return what a run deleted, in words; a result that is not cleanup's tells nothing."""
    if run.reason_text:
        return run.reason_text
    if not isinstance(run.result, dict):
        return ""
    done = [_rule_in_words(rule) for rule in run.result.get("rules", []) if rule.get("count")]
    verb = "Would have deleted" if run.result.get("dry_run") else "Deleted"
    return f"{verb} {', '.join(done)}." if done else "There was nothing to delete."


def _rule_in_words(rule: dict[str, Any]) -> str:
    more = "" if rule.get("is_complete") else " and not yet all"
    return f"{rule['count']:,} of {rule['name']}{more}"
