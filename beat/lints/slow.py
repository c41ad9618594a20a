"""Schedules that are due again before their runs are over."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Max, Q

from beat.definition import BrokenScheduleError, ScheduleRow, schedule_rows, timing_of
from beat.lints.lint import Lint
from beat.occurrences import Rule
from beat.occurrences.interval import Interval
from beat.schedule_list.outcomes import outcomes_of
from jobs.runs.models import Run
from jobs.runs.pages import newest
from jobs.runs.states import Kind, Overlap
from jobs.runs.templatetags.times import duration

# The period is the shortest of so many; a schedule's runs are its last so many.
OCCURRENCES = 25
RUNS = 100
PERCENT = 95
# Schedules of a short period are among the newest runs of the ledger; those with the longest
# runs are looked at.
NEWEST = 20_000
LONGEST = 500
SHORT = timedelta(seconds=1)
TOOK = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
CONSEQUENCES: dict[str, str] = {
    Overlap.SKIP: "What is due meanwhile is skipped.",
    Overlap.QUEUE_ONE: "One run waits meanwhile, and the others are skipped.",
    Overlap.QUEUE_ALL: "Its runs wait for one another, and more and more of them.",
    Overlap.CANCEL_PREVIOUS: "The next one cancels it.",
    Overlap.ALLOW: "More and more of them run at the same time.",
}


def period_of(row: ScheduleRow, now: datetime) -> timedelta | None:
    """Return the shortest time between two of the next occurrences; None without two."""
    try:
        timing = timing_of(row, now)
    except BrokenScheduleError:
        return None
    if timing.one_off:
        return None
    if isinstance(timing.rule, Interval):
        return timing.rule.every
    # Every rule can be hashed, which their protocol does not say.
    rule: Any = timing.rule
    return _shortest(rule, now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=8_192)
def _shortest(rule: Rule, after: datetime) -> timedelta | None:
    """Return the shortest time between occurrences; remembered for the rules that are shared."""
    following = islice(rule.between(after, datetime.max.replace(tzinfo=UTC)), OCCURRENCES)
    return min((later - earlier for earlier, later in pairwise(following)), default=None)


def slow_end(durations: Iterable[timedelta | None]) -> timedelta | None:
    """Return the 95th percentile (nearest rank) of those that are known; None without any."""
    known = sorted(duration for duration in durations if duration is not None)
    if not known:
        return None
    rank = max(1, -(-len(known) * PERCENT // 100))
    return known[rank - 1]


def suspects(now: datetime) -> Q:
    """Return the schedules among the newest runs of which one took longer than the period.

    Weakness: one whose last run is not among the newest of the ledger is found on its own page
    only, and so are those beyond the 500 with the longest runs.
    """
    ended = Run.objects.filter(schedule__isnull=False, finished_at__isnull=False)
    ended = ended.exclude(kind=Kind.REHEARSAL)
    looked_at = newest(ended, Run.objects.all(), NEWEST)
    longest = looked_at.values("schedule_id").annotate(longest=Max(TOOK)).filter(longest__gte=SHORT)
    took = dict(longest.order_by("-longest").values_list("schedule_id", "longest")[:LONGEST])
    rows = schedule_rows([id_ for id_ in took if id_ is not None])
    late = [row.id for row in rows.values() if _is_longer(took[row.id], period_of(row, now))]
    return Q(enabled=True, pk__in=late)


def judge(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return for each schedule with such runs how long they take."""
    periods = {row.id: period_of(row, now) for row in rows if row.enabled}
    outcomes = outcomes_of([id_ for id_, period in periods.items() if period], RUNS)
    found = {}
    for row in rows:
        period = periods.get(row.id)
        took = (
            slow_end(run.duration for run in outcomes[row.id].runs) if row.id in outcomes else None
        )
        if took is not None and period is not None and took > period:
            found[row.id] = _sentence(took, period, row.overlap)
    return found


def _is_longer(took: timedelta, period: timedelta | None) -> bool:
    return period is not None and took > period


def _sentence(took: timedelta, period: timedelta, overlap: str) -> str:
    return (
        f"It is due every {duration(period)}, and one run in twenty takes {duration(took)} or "
        f"longer. {CONSEQUENCES.get(overlap, '')} Let it run less often, or make it quicker."
    )


LINT = Lint(
    key="slow",
    title="Due again before it is over",
    meaning="Its period is shorter than its slowest runs take: the 95th percentile of the last.",
    suspects=suspects,
    judge=judge,
)
