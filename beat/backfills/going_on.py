"""Beat's part of backfills: while few of their runs are under way, the next ones are made.

Any number of beats may call it: a backfill is one beat's at a time, and the identity of a run
keeps an occurrence from being made twice whatever happens.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from beat.access.asker import Asker
from beat.actions.new_runs import insert, run_asked_for
from beat.definition import BrokenScheduleError, ScheduleRow, schedule_rows, work_of
from beat.models import Backfill, BackfillOccurrence, Policy
from jobs.runs.ids import new_run_ids
from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY, Kind, Overlap

MOST_BACKFILLS = 200

logger = structlog.get_logger(__name__)


def go_on(now: datetime) -> int:
    """Return how many runs were made for the open backfills; one that is broken is ended."""
    ids = list(Backfill.objects.filter(ended_at=None).order_by("id").values_list("id", flat=True))
    return sum(_go_on_with(backfill_id, now) for backfill_id in ids[:MOST_BACKFILLS])


def _go_on_with(backfill_id: int, now: datetime) -> int:
    if not _may_have_room(backfill_id, now):
        return 0
    with transaction.atomic():
        backfill = _locked(backfill_id)
        if backfill is None:
            return 0
        room = _room(backfill, _under_way(backfill), now)
        coming = list(_to_make(backfill)[: max(room, 1)])
        if not coming:
            _end_when_over(backfill, now)
            return 0
        return _make(backfill, coming, now) if room else 0


def _may_have_room(backfill_id: int, now: datetime) -> bool:
    """Return whether it is worth a lock: SQLite has but one writer."""
    backfill = Backfill.objects.filter(id=backfill_id, ended_at=None).first()
    if backfill is None:
        return False
    open_ids = _open_ids(backfill)
    running = Run.objects.filter(id__in=open_ids, state__in=UNDER_WAY).count()
    return running < len(open_ids) or _room(backfill, running, now) > 0


def _locked(backfill_id: int) -> Backfill | None:
    backfills = Backfill.objects.filter(id=backfill_id, ended_at=None)
    if connection.features.has_select_for_update_skip_locked:
        backfills = backfills.select_for_update(skip_locked=True)
    return backfills.first()


def _under_way(backfill: Backfill) -> int:
    """Return how many of its runs are under way; note down which are over."""
    open_ids = _open_ids(backfill)
    running = set(
        Run.objects.filter(id__in=open_ids, state__in=UNDER_WAY).values_list("id", flat=True)
    )
    if over := open_ids - running:
        _open(backfill).filter(run_id__in=over).update(is_over=True)
    return len(running)


def _room(backfill: Backfill, running: int, now: datetime) -> int:
    """Return how many runs may be made now."""
    room = max(0, _at_most(backfill) - running)
    if not backfill.pace_seconds:
        return room
    last_at = backfill.last_made_at
    is_time = last_at is None or now - last_at >= timedelta(seconds=backfill.pace_seconds)
    return min(room, 1) if is_time else 0


def _at_most(backfill: Backfill) -> int:
    """Return how many may be under way: one where the schedule's runs must not overlap."""
    allows = Policy.objects.filter(pk=backfill.schedule_id, overlap=Overlap.ALLOW).exists()
    return backfill.at_most if allows else 1


def _open(backfill: Backfill) -> QuerySet[BackfillOccurrence]:
    return backfill.occurrences.filter(run_id__isnull=False, is_over=False)


def _open_ids(backfill: Backfill) -> set[UUID]:
    return {run_id for run_id in _open(backfill).values_list("run_id", flat=True) if run_id}


def _to_make(backfill: Backfill) -> QuerySet[BackfillOccurrence]:
    return backfill.occurrences.filter(run_id=None).order_by("due_at")


def _make(backfill: Backfill, coming: Sequence[BackfillOccurrence], now: datetime) -> int:
    try:
        runs = _runs(backfill, coming, now)
    except BrokenScheduleError as problem:
        end(backfill, f"The schedule cannot be run. {problem.text}", now)
        return 0
    new = insert(runs)
    for occurrence, run in zip(coming, runs, strict=True):
        # One whose identity is taken is somebody else's: another backfill's, as a rule.
        occurrence.run_id, occurrence.is_over = run.id, run.id not in new
    BackfillOccurrence.objects.bulk_update(coming, ["run_id", "is_over"], batch_size=500)
    backfill.last_made_at = now
    backfill.save(update_fields=["last_made_at"])
    return len(new)


def _runs(backfill: Backfill, coming: Sequence[BackfillOccurrence], now: datetime) -> list[Run]:
    row = _row(backfill)
    work, ids = work_of(row), new_run_ids(now, len(coming))
    asker = Asker(backfill.asked_by_id, backfill.asked_name, "beat")
    return [
        run_asked_for(
            run_id, row, work, Kind.BACKFILL, one.due_at, asker, now, overlap=overlap_of(row)
        )
        for run_id, one in zip(ids, coming, strict=True)
    ]


def overlap_of(row: ScheduleRow) -> str:
    """Return how the runs of a backfill overlap: they wait where the policy lets none overlap.

    They were asked for one by one: none is to be skipped, or cancelled for a later one.
    """
    allows = row.overlap == Overlap.ALLOW
    return Overlap.ALLOW.value if allows else Overlap.QUEUE_ALL.value


def _row(backfill: Backfill) -> ScheduleRow:
    schedule_id = backfill.schedule_id
    row = schedule_rows([schedule_id]).get(schedule_id) if schedule_id else None
    if row is None:
        raise BrokenScheduleError("gone", "It was deleted, or a value of it cannot be read.")
    return row


def _end_when_over(backfill: Backfill, now: datetime) -> None:
    if not _open(backfill).exists():
        end(backfill, "", now)


def end(backfill: Backfill, text: str, now: datetime) -> bool:
    """End the backfill; no more of it is made. Return False when it was over already."""
    backfills = Backfill.objects.filter(id=backfill.pk, ended_at=None)
    changed = backfills.update(ended_at=now, end_text=text[:500])
    if changed:
        logger.info("backfill ended", backfill=backfill.pk, why=text or "all were made")
    return changed == 1


def runs_under_way(backfill: Backfill) -> list[UUID]:
    """Return the ids of its runs that are under way."""
    running = Run.objects.filter(id__in=_open_ids(backfill), state__in=UNDER_WAY)
    return list(running.values_list("id", flat=True))
