"""The last runs of many schedules at once, in one query however many runs there are."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import UUIDField
from django.db.models.expressions import RawSQL
from django_celery_beat.models import PeriodicTask

from jobs.runs.models import Run
from jobs.runs.states import Kind

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
    kind: str
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


def last_runs_of(schedule_ids: Collection[int], count: int) -> dict[int, list[LastRun]]:
    """Return the last `count` runs of each schedule, the oldest first; who has none is absent."""
    if not schedule_ids:
        return {}
    found: defaultdict[int, list[LastRun]] = defaultdict(list)
    runs = Run.objects.filter(id__in=_last_ids(schedule_ids, count)).order_by("due_at")
    for values in runs.values_list(*LastRun._fields):
        run = LastRun(*values)
        found[run.schedule_id].append(run)
    return dict(found)


def _last_ids(schedule_ids: Collection[int], count: int) -> RawSQL:
    names = {"runs": RUNS, "schedules": SCHEDULES, "rehearsal": Kind.REHEARSAL.value}
    if connection.vendor == "postgresql":
        sql = LATERAL.format(**names, id_type=ID_TYPE(connection))
        parameters: list[object] = [list(schedule_ids), count]
    else:
        sql = CORRELATED.format(**names, marks=", ".join(["%s"] * len(schedule_ids)))
        parameters = [count, *schedule_ids]
    return RawSQL(sql, parameters, output_field=UUIDField())  # noqa: S611 -- no text of people's
