"""How a backfill stands: how many of its runs are where."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from beat.models import Backfill, BackfillOccurrence
from jobs.runs.models import Run
from jobs.runs.states import FAILURES, UNDER_WAY, State

SHOWN = 50


@dataclass(frozen=True)
class Standing:
    """The numbers of a backfill, and its newest occurrences with their runs."""

    total: int
    over: int
    succeeded: int
    failed: int
    other: int
    under_way: int
    left: int
    shown: list[tuple[BackfillOccurrence, Run | None]]


def standing_of(backfill: Backfill) -> Standing:
    """Return how it stands; a run that retention has deleted counts as another end."""
    made = backfill.occurrences.filter(run_id__isnull=False)
    states = _states(made)
    made_count = made.count()
    succeeded = states.get(State.SUCCEEDED, 0)
    failed = sum(states.get(state, 0) for state in FAILURES)
    under_way = sum(states.get(state, 0) for state in UNDER_WAY)
    over = made_count - under_way
    return Standing(
        total=backfill.total,
        over=over,
        succeeded=succeeded,
        failed=failed,
        other=over - succeeded - failed,
        under_way=under_way,
        left=max(0, backfill.total - made_count),
        shown=_shown(backfill),
    )


def _states(made: Any) -> dict[str, int]:
    runs = Run.objects.filter(id__in=made.values("run_id")).order_by()
    return dict(runs.values_list("state").annotate(Count("id")))


def _shown(backfill: Backfill) -> list[tuple[BackfillOccurrence, Run | None]]:
    made = backfill.occurrences.filter(run_id__isnull=False).order_by("-due_at")
    occurrences = list(made[:SHOWN])
    runs = Run.objects.defer("args", "kwargs", "result").in_bulk(
        [one.run_id for one in occurrences if one.run_id]
    )
    return [(one, runs.get(one.run_id) if one.run_id else None) for one in occurrences]
