"""Run now: a run of a schedule's work that beat publishes at once, as any other."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.new_runs import insert, run_asked_for
from beat.actions.outcome import ActionRefusedError, Outcome, Refusal
from beat.actions.permitted import permitted
from beat.actions.reading import Known, known_schedules
from beat.arguments.checking import check
from beat.audit.recording import record, snapshot
from beat.definition import BrokenScheduleError, Work, work_of
from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY, Kind, Overlap
from jobs.runs.task_permissions import why_not_scheduled_by

EARLIEST_YEAR, LATEST_YEAR = 1970, 9998


def run_now(
    schedule_ids: Iterable[int],
    asker: Asker,
    *,
    args: list[Any] | None = None,
    kwargs: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    why: str = "",
    token: UUID | None = None,
) -> Outcome:
    """Write a run of each schedule; `made` are their ids, in the order of `done`.

    With `args` or `kwargs` instead of the schedule's own; `due_at` is the logical time that the
    task is told. Whether the schedule is enabled or paused plays no part, but its overlap does:
    publishing may let the run wait, or skip it, and says so on it. The same `token` asks once.
    Raises ActionRefusedError.
    """
    return ask_for_runs(
        schedule_ids, asker, Kind.MANUAL, args=args, kwargs=kwargs, due_at=due_at, why=why,
        token=token,
    )  # fmt: skip


def ask_for_runs(
    schedule_ids: Iterable[int],
    asker: Asker,
    kind: Kind,
    *,
    args: list[Any] | None = None,
    kwargs: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    why: str = "",
    token: UUID | None = None,
    headers: dict[str, Any] | None = None,
    **changes: Any,
) -> Outcome:
    """Do what `run_now` and `rehearse` have in common; `changes` are columns of the runs."""
    _require_sensible(due_at)
    now, token = timezone.now(), token or uuid4()
    those = permitted(schedule_ids, asker, Act.OPERATE)
    schedules, refused = known_schedules(those)
    runs: list[Run] = []
    changed = args is not None or kwargs is not None
    for known in schedules:
        if changed and (why_not := _why_not_with(known.row.task, asker)):
            refused.append(Refusal(known.row.id, known.row.name, why_not))
            continue
        try:
            work = work_with(known, args, kwargs)
        except BrokenScheduleError as problem:
            refused.append(Refusal(known.row.id, known.row.name, problem.text))
            continue
        run_id = _run_id(token, known.row.id)
        run = run_asked_for(run_id, known.row, work, kind, due_at or now, asker, now, **changes)
        run.headers = {**run.headers, **(headers or {})}
        runs.append(run)
    with transaction.atomic():
        new = insert(runs)
        made = [run for run in runs if run.id in new]
        seen = snapshot([run.schedule_id for run in made if run.schedule_id])
        record(asker, ACTIONS[kind], seen, seen, why, _note(made, args, kwargs), always=True)
    return Outcome(
        SAID[kind],
        [run.schedule_id for run in runs if run.schedule_id],
        [*those.refused, *refused],
        [run.id for run in runs],
    )


ACTIONS = {Kind.MANUAL: "run now", Kind.REHEARSAL: "rehearse"}
SAID = {Kind.MANUAL: "Runs now", Kind.REHEARSAL: "Rehearses now"}


def work_with(known: Known, args: Any, kwargs: Any) -> Work:
    """Return the schedule's work with other arguments, checked; raises BrokenScheduleError."""
    row = known.row
    if args is not None:
        row = row._replace(args=_as_json(args))
    if kwargs is not None:
        row = row._replace(kwargs=_as_json(kwargs))
    work = work_of(row)
    if row is not known.row and (problems := check(work.task, work.args, work.kwargs)):
        told = " ".join(f"{problem.field}: {problem.sentence}" for problem in problems[:3])
        raise BrokenScheduleError("broken_arguments", f"The task would not run with these. {told}")
    return work


def _why_not_with(task: str, asker: Asker) -> str:
    """Return why the asker may not choose the arguments of this task, or ""."""
    user = User.objects.filter(pk=asker.user_id).first() if asker.user_id else None
    return why_not_scheduled_by(user, task) if user is not None else ""


def under_way(schedule_ids: Sequence[int]) -> Run | None:
    """Return a run under way that one of these schedules must not overlap; None: there is none."""
    if len(schedule_ids) != 1:
        return None
    runs = Run.objects.filter(~Q(overlap=Overlap.ALLOW), state__in=UNDER_WAY)
    return runs.filter(schedule=schedule_ids[0]).order_by("-due_at").first()


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as problem:
        raise ActionRefusedError(f"The arguments are no JSON ({problem}).") from None


def _require_sensible(due_at: datetime | None) -> None:
    if due_at is not None and not EARLIEST_YEAR <= due_at.year <= LATEST_YEAR:
        raise ActionRefusedError(
            f"The logical time is in the year {due_at.year}. "
            f"Write one from {EARLIEST_YEAR} to {LATEST_YEAR}."
        )


def _run_id(token: UUID, schedule_id: int) -> UUID:
    """Return the same id for the same question about the same schedule."""
    return uuid5(token, str(schedule_id))


def _note(runs: Sequence[Run], args: Any, kwargs: Any) -> str:
    if not runs:
        return ""
    which = f"run {runs[0].id}" if len(runs) == 1 else f"{len(runs)} runs asked for together"
    told = f"{which}, logical time {runs[0].due_at:%Y-%m-%d %H:%M:%S} UTC"
    if args is None and kwargs is None:
        return told
    return f"{told}, with other arguments: {_as_json(args or [])} {_as_json(kwargs or {})}"
