"""The addresses of schedules."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Status
from ninja.errors import HttpError

from beat.access.deciding import Act
from beat.actions.delete import delete
from beat.api import changing, shapes
from beat.api.asking import asker_of, require, require_for, schedule_of, told
from beat.api.orders import Why
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


@router.delete("{int:schedule_id}", response={200: shapes.Done, **REFUSALS},
               operation_id="delete_schedule")  # fmt: skip
def delete_schedule(request: HttpRequest, schedule_id: int, why: Why = "") -> Any:
    """Delete it; its runs stay under its name."""
    require_for(request, schedule_id, Act.DELETE)
    return told(delete([schedule_id], asker_of(request), why=why))


def _one(schedule_id: int) -> dict[str, Any]:
    found = shown([schedule_id], timezone.now())
    if not found:
        raise HttpError(404, f"The schedule {schedule_id} is gone.")
    return found[0]
