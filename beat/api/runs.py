"""The addresses of runs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router
from ninja.errors import HttpError

from beat.access.deciding import Act
from beat.api import shapes
from beat.api.asking import require, schedule_of
from beat.api.schedules import REFUSALS, Limit
from jobs.runs.models import Run

router = Router(tags=["runs"])


@router.get("schedules/{int:schedule_id}/runs", response={200: shapes.Runs, **REFUSALS},
            operation_id="list_runs")  # fmt: skip
def list_runs(
    request: HttpRequest,
    schedule_id: int,
    before: str = "",
    limit: Limit = 50,
) -> Any:
    """List the runs of a schedule, newest first, a page at a time."""
    schedule_of(request, schedule_id)
    runs = Run.objects.filter(schedule=schedule_id).order_by("-due_at", "-id")
    if before:
        runs = runs.filter(_before(before))
    found = list(runs[: limit + 1])
    page = found[:limit]
    more = len(found) > limit
    return {"items": page, "next": f"{page[-1].due_at.isoformat()}~{page[-1].id}" if more else None}


@router.get("runs/{uuid:run_id}", response={200: shapes.Run, **REFUSALS}, operation_id="get_run")
def get_run(request: HttpRequest, run_id: UUID) -> Any:
    """Return a run."""
    require(request, Act.VIEW)
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise HttpError(404, f"There is no run {run_id}. It may be past its retention.")
    return run


def _before(text: str) -> Q:
    """Return the condition of the page after the one that ended with this run."""
    instant, _, run_id = text.partition("~")
    try:
        due_at, last = datetime.fromisoformat(instant), UUID(run_id)
        due_at.astimezone()
    except (ValueError, OverflowError):
        raise HttpError(400, "`before` is the `next` of the page before this one.") from None
    return Q(due_at__lt=due_at) | Q(due_at=due_at, id__lt=last)
