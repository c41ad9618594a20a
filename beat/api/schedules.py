"""The addresses of schedules."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Status
from ninja.errors import HttpError

from beat.access.deciding import Act
from beat.actions.pause import pause
from beat.actions.resume import resume
from beat.actions.run_now import run_now
from beat.api import changing, shapes
from beat.api.asking import asker_of, require, require_for, schedule_of, told
from beat.api.showing import named, shown

router = Router(tags=["schedules"])
MOST = 200
Limit = Annotated[int, Field(ge=1, le=MOST)]
REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 422), shapes.Refused)


@router.get("", response={200: shapes.Schedules, **REFUSALS}, operation_id="list_schedules")
def list_schedules(
    request: HttpRequest, after: int = 0, limit: Limit = 50, search: str = ""
) -> Any:
    """List the schedules by their ids, a page at a time; `search` is a part of name or task."""
    require(request, Act.VIEW)
    ids = list(named(search).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
               [: limit + 1])  # fmt: skip
    page = ids[:limit]
    return {
        "items": shown(page, timezone.now()),
        "next": page[-1] if len(ids) > limit else None,
    }


@router.get("{int:schedule_id}", response={200: shapes.Schedule, **REFUSALS},
            operation_id="get_schedule")  # fmt: skip
def get_schedule(request: HttpRequest, schedule_id: int) -> Any:
    """Return a schedule."""
    schedule_of(request, schedule_id)
    return _one(schedule_id)


@router.post("", response={201: shapes.Schedule, **REFUSALS}, operation_id="create_schedule")
def create_schedule(request: HttpRequest, words: shapes.Words) -> Any:
    """Add a schedule; it needs a name, a task and when."""
    require(request, Act.ADD)
    schedule_id = changing.add(request, words.dict(exclude_unset=True), timezone.now())
    return Status(201, _one(schedule_id))


@router.patch("{int:schedule_id}", response={200: shapes.Schedule, **REFUSALS},
              operation_id="change_schedule")  # fmt: skip
def change_schedule(request: HttpRequest, schedule_id: int, words: shapes.Words) -> Any:
    """Change what is sent; null sets a field to its default."""
    require_for(request, schedule_id, Act.CHANGE)
    changing.change(request, schedule_id, words.dict(exclude_unset=True), timezone.now())
    return _one(schedule_id)


@router.post("{int:schedule_id}/run", response={202: shapes.Asked, **REFUSALS},
             operation_id="run_schedule")  # fmt: skip
def run_schedule(request: HttpRequest, schedule_id: int, order: shapes.RunOrder) -> Any:
    """Run it now; the answer has the id of the run."""
    require_for(request, schedule_id, Act.OPERATE)
    outcome = run_now([schedule_id], asker_of(request), **order.dict())
    return Status(202, told(outcome) | {"run": outcome.made[0]})


@router.post("{int:schedule_id}/pause", response={200: shapes.Done, **REFUSALS},
             operation_id="pause_schedule")  # fmt: skip
def pause_schedule(request: HttpRequest, schedule_id: int, order: shapes.PauseOrder) -> Any:
    """Pause it, until an instant or until somebody resumes it."""
    require_for(request, schedule_id, Act.OPERATE)
    return told(pause([schedule_id], asker_of(request), **order.dict()))


@router.post("{int:schedule_id}/resume", response={200: shapes.Done, **REFUSALS},
             operation_id="resume_schedule")  # fmt: skip
def resume_schedule(request: HttpRequest, schedule_id: int, order: shapes.ResumeOrder) -> Any:
    """End its pause."""
    require_for(request, schedule_id, Act.OPERATE)
    return told(resume([schedule_id], asker_of(request), **order.dict()))


def _one(schedule_id: int) -> dict[str, Any]:
    found = shown([schedule_id], timezone.now())
    if not found:
        raise HttpError(404, f"The schedule {schedule_id} is gone.")
    return found[0]
