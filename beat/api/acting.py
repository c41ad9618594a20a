"""The addresses of what is done to schedules: each calls the one function of its action."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.errors import HttpError

from beat.access.deciding import Act
from beat.actions.backfill import DryRun, backfill, dry_run
from beat.actions.duplicate import duplicate
from beat.actions.outcome import Outcome
from beat.actions.pause import pause
from beat.actions.rehearse import rehearse
from beat.actions.resume import resume
from beat.actions.retry_and_cancel import CANCEL, RETRY, cancel_runs, retry_failed
from beat.actions.run_now import run_now
from beat.actions.skip_next import skip_next
from beat.actions.switch import disable, enable
from beat.actions.undo_skip import undo_skip
from beat.api import orders, shapes
from beat.api.asking import asker_of, person_of, require_for, told
from beat.api.schedules import REFUSALS
from beat.backfills.instants import Span

router = Router(tags=["actions"])


def _post(verb: str, answer: type[Any] = shapes.Done, status: int = 200) -> Callable[..., Any]:
    """Return the decorator of `POST schedules/ID/verb`."""
    return router.post(
        f"{{int:schedule_id}}/{verb}",
        response={status: answer, **REFUSALS},
        operation_id=f"{verb.replace('-', '_')}_schedule",
    )


@_post("run", shapes.Asked, 202)
def run_schedule(request: HttpRequest, schedule_id: int, order: orders.RunOrder) -> Any:
    """Run it now; the answer has the id of the run."""
    require_for(request, schedule_id, Act.OPERATE)
    return _asked(run_now([schedule_id], asker_of(request), **order.dict()))


@_post("rehearse", shapes.Asked, 202)
def rehearse_schedule(request: HttpRequest, schedule_id: int, order: orders.RunOrder) -> Any:
    """Run it leaving nothing behind; its mail goes to the token's person."""
    require_for(request, schedule_id, Act.OPERATE)
    return _asked(rehearse([schedule_id], asker_of(request), **order.dict()))


@_post("pause")
def pause_schedule(request: HttpRequest, schedule_id: int, order: orders.PauseOrder) -> Any:
    """Pause it, until an instant or until somebody resumes it."""
    require_for(request, schedule_id, Act.OPERATE)
    return told(pause([schedule_id], asker_of(request), **order.dict()))


@_post("resume")
def resume_schedule(request: HttpRequest, schedule_id: int, order: orders.ResumeOrder) -> Any:
    """End its pause."""
    require_for(request, schedule_id, Act.OPERATE)
    return told(resume([schedule_id], asker_of(request), **order.dict()))


@_post("skip-next")
def skip_next_of_schedule(request: HttpRequest, schedule_id: int, order: orders.SkipOrder) -> Any:
    """Skip its next occurrence."""
    require_for(request, schedule_id, Act.OPERATE)
    return told(skip_next([schedule_id], asker_of(request), **order.dict()))


@_post("undo-skip")
def undo_skip_of_schedule(request: HttpRequest, schedule_id: int, order: orders.Order) -> Any:
    """Let the occurrences to come that were skipped by hand run after all."""
    require_for(request, schedule_id, Act.OPERATE)
    return told(undo_skip([schedule_id], asker_of(request), **order.dict()))


@_post("backfill", shapes.Backfilled)
def backfill_schedule(request: HttpRequest, schedule_id: int, order: orders.BackfillOrder) -> Any:
    """Count what a backfill of a span would run; with `dry_run` false, run it."""
    require_for(request, schedule_id, Act.OPERATE)
    asker, span = asker_of(request), Span(order.from_at, order.before_at)
    pace = {"at_most": order.at_most, "pace_seconds": order.pace_seconds}
    counted = dry_run([schedule_id], asker, span, **pace)
    if counted.refused:
        raise HttpError(422, counted.refused[0].why)
    if order.dry_run:
        return {"done": "", "backfill": None, **_counted(counted)}
    outcome = backfill([schedule_id], asker, span, **pace, why=order.why, token=order.token)
    made = outcome.made[0] if outcome.made else None
    return {**told(outcome), "backfill": made, **_counted(counted)}


@_post("retry-failed")
def retry_failed_of_schedule(
    request: HttpRequest, schedule_id: int, order: orders.SinceOrder
) -> Any:
    """Start its failed runs since an instant again."""
    _require_for_runs(request, schedule_id, RETRY)
    return told(retry_failed([schedule_id], asker_of(request), **order.dict()))


@_post("cancel-runs")
def cancel_runs_of_schedule(request: HttpRequest, schedule_id: int, order: orders.Order) -> Any:
    """Cancel its runs that wait, and ask those that run to end."""
    _require_for_runs(request, schedule_id, CANCEL)
    return told(cancel_runs([schedule_id], asker_of(request), **order.dict()))


@_post("enable")
def enable_schedule(request: HttpRequest, schedule_id: int, order: orders.Order) -> Any:
    """Switch it on."""
    require_for(request, schedule_id, Act.CHANGE)
    return told(enable([schedule_id], asker_of(request), **order.dict()))


@_post("disable")
def disable_schedule(request: HttpRequest, schedule_id: int, order: orders.Order) -> Any:
    """Switch it off."""
    require_for(request, schedule_id, Act.CHANGE)
    return told(disable([schedule_id], asker_of(request), **order.dict()))


@_post("duplicate", shapes.Copied, 201)
def duplicate_schedule(request: HttpRequest, schedule_id: int, order: orders.Order) -> Any:
    """Copy it; the copy is disabled, and the answer has its id."""
    for act in (Act.OPERATE, Act.ADD):
        require_for(request, schedule_id, act)
    outcome = duplicate([schedule_id], asker_of(request), **order.dict())
    return Status(201, told(outcome) | {"schedule": outcome.made[0]})


def _asked(outcome: Outcome) -> Any:
    return Status(202, told(outcome) | {"run": outcome.made[0]})


def _counted(found: DryRun) -> dict[str, Any]:
    return {
        "runs": found.total,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "takes_seconds": found.takes_seconds,
        "have_run": found.have_run,
        "excluded": found.excluded,
    }


def _require_for_runs(request: HttpRequest, schedule_id: int, permission: str) -> None:
    """Raise HttpError unless the person may operate the schedule and do this to runs."""
    require_for(request, schedule_id, Act.OPERATE)
    if not person_of(request).has_perm(permission):
        raise HttpError(403, f"It needs the permission {permission}. Ask an admin for it.")
