"""The last runs of many schedules at once, and what is made of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, UUIDField
from django.db.models.expressions import RawSQL
from django_celery_beat.models import PeriodicTask

from jobs.runs.models import Run
from jobs.runs.states import FAILURES, UNDER_WAY, Kind, State

SHOWN = 20
FAILURES_LOOKED_AT = 20_000
SCHEDULES = PeriodicTask._meta.db_table  # noqa: SLF001 -- documented by Django
RUNS = Run._meta.db_table  # noqa: SLF001
ID_TYPE = PeriodicTask._meta.pk.rel_db_type  # noqa: SLF001
# Each schedule's runs are read by the index run_by_schedule, and hardly more of them than are
# shown: a window function would read all the runs that there are. Rehearsals are not for real.
LATERAL = """
    SELECT last.id FROM unnest(%s::{id_type}[]) AS chosen (id) CROSS JOIN LATERAL (
        SELECT id FROM {runs} WHERE schedule_id = chosen.id AND kind <> '{rehearsal}'
        ORDER BY due_at DESC LIMIT %s
    ) AS last
"""
# SQLite has no LATERAL.
CORRELATED = """
    SELECT last.id FROM {schedules} AS chosen JOIN {runs} AS last ON last.id IN (
        SELECT id FROM {runs} WHERE schedule_id = chosen.id AND kind <> '{rehearsal}'
        ORDER BY due_at DESC LIMIT %s
    ) WHERE chosen.id IN ({marks})
"""


class LastRun(NamedTuple):
    """What is shown of a run. A plain value: a page has a thousand of them."""

    id: UUID
    schedule_id: int
    state: str
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reason_text: str

    @property
    def duration(self) -> timedelta | None:
        """Return how long the last attempt took, or None while it is not over."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


@dataclass(frozen=True)
class Outcomes:
    """A schedule's last runs, the oldest first."""

    runs: Sequence[LastRun] = ()

    @property
    def last_duration(self) -> timedelta | None:
        """Return how long the newest run took that is over; None without one."""
        took = (run.duration for run in reversed(self.runs))
        return next((duration for duration in took if duration is not None), None)

    @property
    def words(self) -> str:
        """Return what the colours say, in words: "2 failed, 17 of 20 succeeded"."""
        if not self.runs:
            return "no runs yet"
        failed = self._count(*FAILURES)
        under_way = self._count(*UNDER_WAY)
        parts = [
            f"{failed} failed" if failed else "",
            f"{self._count(State.SUCCEEDED)} of {len(self.runs)} succeeded",
            f"{under_way} under way" if under_way else "",
        ]
        return ", ".join(filter(None, parts))

    def _count(self, *states: str) -> int:
        return sum(run.state in states for run in self.runs)


def outcomes_of(schedule_ids: Collection[int], count: int = SHOWN) -> dict[int, Outcomes]:
    """Return the last `count` runs of each schedule, in one query; schedules without are absent."""
    if not schedule_ids:
        return {}
    found: defaultdict[int, list[LastRun]] = defaultdict(list)
    runs = Run.objects.filter(id__in=_last_ids(schedule_ids, count)).order_by("due_at")
    for values in runs.values_list(*LastRun._fields):
        run = LastRun(*values)
        found[run.schedule_id].append(run)
    return {schedule_id: Outcomes(last) for schedule_id, last in found.items()}


def failed_since(since: datetime) -> "QuerySet[Run, int | None]":
    """Return the ids of the schedules with failures since then, by the history's index by state.

    The bound has PostgreSQL look for the failures first, and not for those of each schedule.
    Weakness: beyond 20,000 failures, some are not looked at.
    """
    failed = Run.objects.filter(state__in=FAILURES, due_at__gte=since, schedule__isnull=False)
    failed = failed.exclude(kind=Kind.REHEARSAL)
    return failed.order_by().values_list("schedule_id", flat=True)[:FAILURES_LOOKED_AT]


def _last_ids(schedule_ids: Collection[int], count: int) -> RawSQL:
    names = {"runs": RUNS, "schedules": SCHEDULES, "rehearsal": Kind.REHEARSAL.value}
    if connection.vendor == "postgresql":
        sql = LATERAL.format(**names, id_type=ID_TYPE(connection))
        parameters: list[object] = [list(schedule_ids), count]
    else:
        sql = CORRELATED.format(**names, marks=", ".join(["%s"] * len(schedule_ids)))
        parameters = [count, *schedule_ids]
    return RawSQL(sql, parameters, output_field=UUIDField())  # noqa: S611 -- no text of people's
