"""The last runs of many schedules at once, and what is made of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from jobs.runs.filters import of_states
from jobs.runs.last_runs import LastRun, last_runs_of
from jobs.runs.models import Run
from jobs.runs.states import FAILURES, UNDER_WAY, Kind, State

SHOWN = 20
FAILURES_LOOKED_AT = 20_000


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
    found = last_runs_of(schedule_ids, count)
    return {schedule_id: Outcomes(last) for schedule_id, last in found.items()}


def failed_since(since: datetime) -> "QuerySet[Run, int | None]":
    """Return the ids of the schedules with failures since then, by the index of what has ended.

    The bound has PostgreSQL look for the failures first, and not for those of each schedule.
    Weakness: beyond 20,000 failures, some are not looked at.
    """
    failed = of_states(FAILURES).filter(due_at__gte=since, schedule__isnull=False)
    failed = failed.exclude(kind=Kind.REHEARSAL)
    return failed.order_by().values_list("schedule_id", flat=True)[:FAILURES_LOOKED_AT]
