"""What went wrong in a span, by schedule: what failed, and what came late or not at all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from jobs.digests.ownership import OWNER
from jobs.runs.models import Run
from jobs.runs.states import FAILURES, Kind, State

# A run that starts so long after it was due is late.
LATE = timedelta(minutes=15)
# Of so many schedules and tasks; the most frequent first.
MOST = 500
NEVER_STARTED = (State.MISSED, State.EXPIRED)


class Trouble(NamedTuple):
    """The runs of one schedule or task, and the group that owns it (None: nobody)."""

    schedule_name: str
    task: str
    owner: int | None
    times: int
    missed: int = 0
    longest_delay: timedelta | None = None


def failed_between(since: datetime, until: datetime) -> list[Trouble]:
    """Return what failed or was lost, the most frequent first."""
    by_title = _grouped(_failed(since, until)).annotate(times=Count("id"), last=Max("finished_at"))
    found = by_title.order_by("-times", "-last")[:MOST]
    return [_trouble(group, times=group["times"]) for group in found]


def late_between(since: datetime, until: datetime) -> list[Trouble]:
    """Return what started late, and what was missed or expired and never started."""
    by_title = _grouped(_late(since, until)).annotate(
        started=Count("id", filter=~Q(state__in=NEVER_STARTED)),
        expired=Count("id", filter=Q(state=State.EXPIRED)),
        gap=Sum("missed_count", filter=Q(state=State.MISSED)),
        delay=Max(F("started_at") - F("due_at"), filter=~Q(state__in=NEVER_STARTED)),
        last=Max("finished_at"),
    )
    return [
        _trouble(
            group,
            times=group["started"],
            missed=group["expired"] + (group["gap"] or 0),
            longest_delay=group["delay"],
        )
        for group in by_title.order_by("-last")[:MOST]
    ]


def last_failed(schedule_name: str, task: str, since: datetime, until: datetime) -> Run | None:
    """Return the last of these runs that failed; None when it was cleaned up a moment ago."""
    return _last(_failed(since, until), schedule_name, task)


def last_late(schedule_name: str, task: str, since: datetime, until: datetime) -> Run | None:
    """Return the last of these runs that came late or not at all."""
    return _last(_late(since, until), schedule_name, task)


def _failed(since: datetime, until: datetime) -> "QuerySet[Run]":
    bad = Run.objects.filter(state__in=FAILURES, finished_at__gte=since, finished_at__lt=until)
    return bad.exclude(kind=Kind.REHEARSAL)


def _late(since: datetime, until: datetime) -> "QuerySet[Run]":
    """Return what is late; by its end, so that a run is told however late it started.

    Of a run that was tried again it is not known any more when it started first.
    """
    began_late = Q(attempt=1, started_at__gt=F("due_at") + LATE) & ~Q(state__in=FAILURES)
    ended = Run.objects.filter(finished_at__gte=since, finished_at__lt=until)
    return ended.filter(Q(state__in=NEVER_STARTED) | began_late, kind=Kind.SCHEDULED)


def _grouped(runs: "QuerySet[Run]") -> "QuerySet[Any, dict[str, Any]]":
    found: QuerySet[Any, dict[str, Any]] = runs.order_by().values(
        "schedule_name", "task", f"schedule__{OWNER}"
    )
    return found


def _trouble(
    group: Mapping[str, Any], times: int, missed: int = 0, longest_delay: timedelta | None = None
) -> Trouble:
    owner = group[f"schedule__{OWNER}"]
    return Trouble(group["schedule_name"], group["task"], owner, times, missed, longest_delay)


def _last(runs: "QuerySet[Run]", schedule_name: str, task: str) -> Run | None:
    same = runs.filter(schedule_name=schedule_name, task=task)
    newest = same.order_by("-finished_at").defer("traceback", "result", "args", "kwargs")
    return newest.first()
