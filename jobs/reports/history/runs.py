"""What the ledger knows about the runs of a period: counts, durations and failures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate, TruncHour

from jobs.reports.periods import Period
from jobs.runs.models import Run
from jobs.runs.states import FAILURES, State

HOURS = 24
FAILURES_SHOWN = 20
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Tally:
    """How many runs there were, how many succeeded and how many failed or were lost."""

    runs: int = 0
    succeeded: int = 0
    failed: int = 0

    @property
    def other(self) -> int:
        """Return how many did neither: they are under way, or ended without being executed."""
        return self.runs - self.succeeded - self.failed


@dataclass(frozen=True)
class TaskHistory:
    """A task's tally and how long its executions took; None when none has finished."""

    task: str
    tally: Tally
    median: timedelta | None
    slow: timedelta | None


@dataclass(frozen=True)
class RunHistory:
    """The history of a period, as the report shows it."""

    tally: Tally
    hours: dict[datetime, Tally]
    days: dict[date, Tally]
    tasks: list[TaskHistory]
    failures: list[Run]


COUNTS: dict[str, Any] = {
    "runs": Count("id"),
    "succeeded": Count("id", filter=Q(state=State.SUCCEEDED)),
    "failed": Count("id", filter=Q(state__in=FAILURES)),
}


def run_history(period: Period) -> RunHistory:
    """Return what the ledger says about the runs that were due in `period`.

    The database counts; no more than a few rows come here, however long the history is.
    """
    runs = Run.objects.filter(due_at__gte=period.start_at, due_at__lt=period.end_at)
    return RunHistory(
        tally=Tally(**runs.aggregate(**COUNTS)),
        hours=_by_hour(runs, period),
        days=_by_day(runs, period),
        tasks=_by_task(runs),
        failures=list(_failures(runs)),
    )


def _by_hour(runs: QuerySet[Run], period: Period) -> dict[datetime, Tally]:
    """Return the tally of each of the last hours of the period, by its first instant in UTC."""
    last = (period.end_at - timedelta(microseconds=1)).astimezone(UTC)
    last = last.replace(minute=0, second=0, microsecond=0)
    hours = [last - HOUR * back for back in reversed(range(HOURS))]
    recent = runs.filter(due_at__gte=hours[0])
    return _tallies(recent.annotate(slot=TruncHour("due_at", tzinfo=UTC)), hours)


def _by_day(runs: QuerySet[Run], period: Period) -> dict[date, Tally]:
    zone = ZoneInfo(period.zone)
    return _tallies(runs.annotate(slot=TruncDate("due_at", tzinfo=zone)), period.days)


def _tallies(runs: QuerySet[Any], slots: Sequence[Any]) -> dict[Any, Tally]:
    """Return the tally of every slot, in order; a slot without runs has zeros."""
    counted = runs.order_by().values("slot").annotate(**COUNTS)
    found = {row.pop("slot"): Tally(**row) for row in counted}
    return {slot: found.get(slot, Tally()) for slot in slots}


def _by_task(runs: QuerySet[Run]) -> list[TaskHistory]:
    finished = Count("id", filter=Q(started_at__isnull=False, finished_at__isnull=False))
    counted = runs.order_by("task").values("task").annotate(**COUNTS, finished=finished)
    return [_task_history(runs, **row) for row in counted]


def _task_history(runs: QuerySet[Run], /, task: str, finished: int, **counts: int) -> TaskHistory:
    took = _durations(runs.filter(task=task))
    median, slow = _ranked(took, finished, 0.5), _ranked(took, finished, 0.95)
    return TaskHistory(task, Tally(**counts), median, slow)


def _durations(runs: QuerySet[Run]) -> QuerySet[Any, timedelta]:
    finished = runs.filter(started_at__isnull=False, finished_at__isnull=False)
    took = finished.annotate(took=F("finished_at") - F("started_at"))
    return took.order_by("took").values_list("took", flat=True)


def _ranked(durations: QuerySet[Any, timedelta], count: int, share: float) -> timedelta | None:
    """Return the duration that `share` of all do not exceed (nearest rank).

    By its place in the order, because SQLite has no percentiles.
    """
    if not count:
        return None
    place = math.ceil(share * count) - 1
    # A run deleted since the count may leave the place empty.
    return next(iter(durations[place : place + 1]), None)


def _failures(runs: QuerySet[Run]) -> QuerySet[Run]:
    failed = runs.filter(state__in=FAILURES).order_by("-due_at", "-id")
    return failed.only("schedule_name", "task", "due_at", "state", "reason_text")[:FAILURES_SHOWN]
