"""The history of runs, one run's page, and the processes that execute them."""

from dataclasses import fields
from functools import cache
from uuid import UUID

from celery import current_app
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_celery_beat.models import PeriodicTask

from jobs.runs import pages
from jobs.runs.filters import Filters, FiltersForm, query_of
from jobs.runs.models import Run, Worker
from jobs.runs.pages import BrokenPositionError, Page, page_of_runs
from jobs.runs.processes import process_groups
from jobs.runs.run_page import content_of
from jobs.runs.states import State

NAMES_OFFERED = 200
ASKED = tuple(field.name for field in fields(Filters))
IN_TABS = {"state"}


@require_safe
@login_required
@permission_required("runs.view_run", raise_exception=True)
def history(request: HttpRequest) -> HttpResponse:
    """Return the runs, newest first; see FiltersForm for what filters, `older_than` pages."""
    form = FiltersForm(request.GET)
    is_valid = form.is_valid()
    filters = Filters(**form.cleaned_data) if is_valid else Filters()
    asked = {name: request.GET.get(name, "") for name in ASKED}
    context = {
        "form": form,
        "page": _page(filters, request.GET.get("older_than", "")) if is_valid else None,
        "tabs": _tabs(asked),
        "asked": asked,
        "query": query_of(asked),
        "narrowed": sum(bool(asked[name]) for name in ASKED if name not in IN_TABS),
        "names": _names_offered(),
    }
    return render(request, "runs/history.html", context, status=200 if is_valid else 400)


@require_safe
@login_required
@permission_required("runs.view_run", raise_exception=True)
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Return one run's page: its life, what it was given and what came of it."""
    found = get_object_or_404(Run.objects.select_related("schedule", "asked_by"), id=run_id)
    return render(request, "runs/run.html", content_of(found, request.user, timezone.now()))


@require_safe
@login_required
def workers(request: HttpRequest) -> HttpResponse:
    """Return the processes that are there and were there last; staff only."""
    if not getattr(request.user, "is_staff", False):
        raise PermissionDenied
    return render(request, "runs/workers.html", {"groups": process_groups(timezone.now())})


def _page(filters: Filters, older_than: str) -> Page:
    try:
        return page_of_runs(filters.walk(), older_than, filters.rest(), looked_at=pages.LOOKED_AT)
    except BrokenPositionError:
        raise BadRequest("The position in the address is broken.") from None


def _tabs(asked: dict[str, str]) -> list[dict[str, object]]:
    """Return the states to choose from, each with the address that keeps all else asked for."""
    choices = [("", "All"), *((state.value, state.label) for state in State)]
    return [
        {
            "label": label,
            "address": f"?{query_of(asked, state=state)}",
            "is_chosen": asked["state"] == state,
        }
        for state, label in choices
    ]


def _names_offered() -> dict[str, list[str]]:
    """Return names for the fields to complete; a person may write any other."""
    schedules = PeriodicTask.objects.order_by("name").values_list("name", flat=True)
    workers_ = Worker.objects.filter(stopped_at=None).order_by("name")
    return {
        "schedule": list(schedules[:NAMES_OFFERED]),
        "task": _task_names()[:NAMES_OFFERED],
        "worker": list(workers_.values_list("name", flat=True).distinct()[:NAMES_OFFERED]),
    }


def _task_names() -> list[str]:
    _import_tasks()
    return sorted(name for name in current_app.tasks if not name.startswith("celery."))


@cache
def _import_tasks() -> None:
    """Import the modules of all tasks; once, since Celery's Django fixup checks the whole site."""
    current_app.loader.import_default_modules()
