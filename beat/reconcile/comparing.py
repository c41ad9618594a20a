"""The comparison of all schedules with their timers, a bounded batch at a time.

It finds what the triggers did not see: they were dropped, or a backup was restored, or a clock
ran ahead. Whatever differs is marked; reconcile computes it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django_celery_beat.models import PeriodicTask

from beat.definition import ScheduleRow, schedule_rows, timing_text
from beat.models import Timer
from beat.process.every import Every
from beat.reconcile.renewal import TimerRow, is_due_too_late

logger = structlog.get_logger(__name__)

ROUND_EVERY = timedelta(minutes=10)
# The first round is quick; the later ones cost half a percent of a core at most.
FIRST_BATCHES_EVERY = timedelta(seconds=0.5)
LATER_BATCHES_EVERY = timedelta(seconds=10)
# The ids of rows begin at 1.
BEFORE_ALL = 0


class Comparison:
    """Goes round all schedules: at the start of a beat, and again every ten minutes.

    Each beat makes rounds of its own, and a beat that restarts begins anew. With 2,000 schedules
    in a batch (50 ms) the first round takes four minutes for 1,000,000 schedules. A later one
    is in no hurry: 8 minutes for 100,000 and an hour and a half for 1,000,000; the next begins
    after it.
    """

    def __init__(self) -> None:
        self._rounds = Every(ROUND_EVERY)
        self._batches = Every(FIRST_BATCHES_EVERY)
        self._after_id: int | None = None

    def go_on(self, now: datetime, limit: int) -> int:
        """Compare the next `limit` schedules when it is time; return how many were marked.

        A batch that fails is compared again when the next one would be.
        """
        if not self._batches.has_come(now) or not self._is_under_way(now):
            return 0
        self._batches.is_done(now)
        marked, self._after_id = compare(now, self._after_id or BEFORE_ALL, limit)
        if self._after_id is None:
            self._batches = Every(LATER_BATCHES_EVERY)
        return marked

    def _is_under_way(self, now: datetime) -> bool:
        """Return whether a round is under way; begins one when its time has come."""
        if self._after_id is None and self._rounds.has_come(now):
            self._rounds.is_done(now)
            self._after_id = BEFORE_ALL
        return self._after_id is not None


def compare(now: datetime, after_id: int, limit: int) -> tuple[int, int | None]:
    """Mark the timers that do not fit their schedules, of the `limit` schedules after an id.

    Return how many were marked and the id to go on after, or None when there are no more
    schedules. One without a timer gets a marked one; those that are set aside are tried again.
    Any number of beats may run it at the same time. It waits for no edit: a timer or schedule
    that one has locked is left to the next round.
    """
    schedules = PeriodicTask.objects.filter(pk__gt=after_id).order_by("pk")
    ids = list(schedules.values_list("pk", flat=True)[:limit])
    # A schedule may be deleted right after this: its id stays a good place to go on after.
    last_id = ids[-1] if len(ids) == limit else None
    timers = _timers_between(after_id, last_id)
    without = set(ids).difference(timers.values_list("schedule_id", flat=True))
    fresh = timers.filter(is_stale=False).order_by("schedule_id")
    rows = [TimerRow(*values) for values in fresh.values_list(*TimerRow._fields)]
    return _add_timers(without) + _mark(_different(rows, now)), last_id


def _timers_between(after_id: int, last_id: int | None) -> QuerySet[Timer]:
    """Return the timers of a batch; those whose schedule is gone belong to it too."""
    until = Q() if last_id is None else Q(schedule_id__lte=last_id)
    return Timer.objects.filter(until, schedule_id__gt=after_id)


def _different(timers: Sequence[TimerRow], now: datetime) -> list[int]:
    rows = schedule_rows([timer.schedule_id for timer in timers])
    return [
        timer.schedule_id for timer in timers if _differs(timer, rows.get(timer.schedule_id), now)
    ]


def _differs(timer: TimerRow, row: ScheduleRow | None, now: datetime) -> bool:
    if row is None or timer.set_aside_reason or timer.definition != timing_text(row):
        return True
    if timer.due_at is None or timer.due_at <= now:
        return False
    try:
        return is_due_too_late(timer.due_at, row, timer.anchor_at or now, now)
    except Exception:
        logger.exception("A schedule could not be compared.", schedule=row.id)
        return True


def _add_timers(schedule_ids: set[int]) -> int:
    """Give each of these schedules a timer; return how many."""
    if not schedule_ids:
        return 0
    with transaction.atomic():
        # Locked: a schedule deleted before the commit would break its new timer's foreign key.
        present = PeriodicTask.objects.filter(pk__in=schedule_ids).select_for_update(
            no_key=True, skip_locked=connection.features.has_select_for_update_skip_locked
        )
        ids = present.values_list("pk", flat=True)
        timers = [Timer(schedule_id=schedule_id) for schedule_id in ids]
        return len(Timer.objects.bulk_create(timers, ignore_conflicts=True))


def _mark(schedule_ids: Sequence[int]) -> int:
    """Mark these timers, those aside that are being edited or claimed; return how many."""
    if not schedule_ids:
        return 0
    fresh = Timer.objects.filter(is_stale=False)
    with transaction.atomic():
        free = fresh.filter(schedule_id__in=schedule_ids).select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        )
        ids = list(free.values_list("schedule_id", flat=True))
        return fresh.filter(schedule_id__in=ids).update(is_stale=True)
