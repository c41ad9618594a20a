"""What cleanup deletes of runs: by each schedule's policy, and by cleanup's own for the others.

Two walks over the ledger, each by keyset, so that what stays is read once and not in every batch:
the runs of each schedule with days of its own, then all runs by the instant of their end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django_celery_beat.models import PeriodicTask

from beat.backfills.forgetting import DAYS as BACKFILL_DAYS
from beat.backfills.forgetting import forget_backfills
from beat.models import Policy
from jobs.cleanup.registry import EXAMPLES, Batch, Kept, retention_rule
from jobs.runs.deleting import delete_ended
from jobs.runs.models import Run
from jobs.runs.states import ENDS, FAILURES

READ_AT_ONCE = 2_000
RUNS = Kept(days=settings.RUN_RETENTION_DAYS, at_least=Policy().runs_kept_at_least)
BACKFILLS = Kept(days=BACKFILL_DAYS)


class Candidate(NamedTuple):
    """The columns of a run that tell whether it stays, in the order of the query."""

    id: UUID
    schedule_id: int | None
    state: str
    due_at: datetime
    finished_at: datetime


@dataclass(frozen=True)
class Keeping:
    """How long the runs of a schedule stay, and how many of the last ones however old they are."""

    age: timedelta
    failure_age: timedelta
    at_least: int = 0

    @property
    def shortest(self) -> timedelta:
        """Return the age below which every run stays."""
        return min(self.age, self.failure_age)


def keeping(
    days: int | None, failure_days: int | None, at_least: int, usual: Kept = RUNS
) -> Keeping:
    """Return what a schedule's policy says, with what is usual where it says nothing.

    Failures never go before the others, unless a policy says so.
    """
    age = timedelta(days=(usual.days or 0) if days is None else days)
    if failure_days is None:
        failure_age = max(age, timedelta(days=settings.RUN_FAILURE_RETENTION_DAYS))
    else:
        failure_age = timedelta(days=failure_days)
    return Keeping(age, failure_age, at_least)


def is_past(run: Candidate, kept: Keeping, oldest_of_last: datetime | None, now: datetime) -> bool:
    """Return whether the run goes. Without an `oldest_of_last` there are too few to delete any."""
    if run.state not in ENDS:
        return False
    age = kept.failure_age if run.state in FAILURES else kept.age
    if run.finished_at >= now - age:
        return False
    if run.schedule_id is None or not kept.at_least:
        return True
    return oldest_of_last is not None and run.due_at < oldest_of_last


@retention_rule(
    "run history",
    "deletes ended runs by their schedule's policy; without one, runs older than {days} "
    f"(failures: {settings.RUN_FAILURE_RETENTION_DAYS}, where that is longer), but not the last "
    "{at_least} of a schedule",
    RUNS,
    least_days=1,
    why_least="today's runs are what people look for",
)
def old_runs(now: datetime, limit: int, dry_run: bool, kept: Kept = RUNS) -> Iterator[Batch]:
    """Delete in batches of at most `limit`; what has not ended stays however old."""
    schedules = KeptRuns(kept)
    has_examples = False
    for window in chain(_windows_of_policies(schedules, now), _windows_of_all(kept, now)):
        past = schedules.past(window, now)
        if not past:
            yield Batch(0, [])
        for ids in _parts(past, limit):
            examples = [] if has_examples else _in_words(ids)
            has_examples = has_examples or bool(examples)
            yield Batch(len(ids) if dry_run else delete_ended(ids), examples)


@retention_rule(
    "ended backfills",
    "deletes backfills that ended {days} ago",
    BACKFILLS,
    least_days=1,
    why_least="a backfill of today may be asked for again",
)
def old_backfills(now: datetime, limit: int, dry_run: bool, kept: Kept = BACKFILLS) -> Batch:
    """Delete those that ended longest ago, with their occurrences; the runs go by themselves."""
    return forget_backfills(kept.before(now), limit, dry_run)


class KeptRuns:
    """What stays of which schedule, read once per schedule and sweep."""

    def __init__(self, usual: Kept) -> None:
        self._usual = usual
        self._keeping: dict[int | None, Keeping] = {None: keeping(None, None, 0, usual)}
        self._oldest_of_last: dict[int | None, datetime | None] = {None: None}

    def past(self, window: list[Candidate], now: datetime) -> list[UUID]:
        """Return which of these runs go. A schedule's later runs make no difference any more."""
        self.learn(run.schedule_id for run in window)
        return [run.id for run in window if self._goes(run, now)]

    def learn(self, schedule_ids: Iterable[int | None]) -> None:
        """Read what is not known yet of these schedules; a handful of queries."""
        new = {pk for pk in schedule_ids if pk is not None and pk not in self._keeping}
        if not new:
            return
        usual = keeping(None, None, self._usual.at_least or 0, self._usual)
        self._keeping |= dict.fromkeys(new, usual)
        for pk, days, failure_days, at_least in _policies(new):
            self._keeping[pk] = keeping(days, failure_days, at_least, self._usual)
        for at_least in {self._keeping[pk].at_least for pk in new} - {0}:
            alike = [pk for pk in new if self._keeping[pk].at_least == at_least]
            self._oldest_of_last |= _oldest_of_last(alike, at_least)

    def of(self, schedule_id: int | None) -> Keeping:
        """Return what is known of the schedule."""
        return self._keeping[schedule_id]

    def _goes(self, run: Candidate, now: datetime) -> bool:
        oldest_of_last = self._oldest_of_last.get(run.schedule_id)
        return is_past(run, self._keeping[run.schedule_id], oldest_of_last, now)


def _windows_of_policies(kept: KeptRuns, now: datetime) -> Iterator[list[Candidate]]:
    """Yield the old runs of each schedule with days of its own, the longest due first."""
    own = Policy.objects.filter(
        Q(runs_kept_days__isnull=False) | Q(failures_kept_days__isnull=False)
    )
    schedule_ids = list(own.order_by("schedule_id").values_list("schedule_id", flat=True))
    for schedule_id in schedule_ids:
        kept.learn([schedule_id])
        before = now - kept.of(schedule_id).shortest
        # A run has hardly ended before it was due: this bounds the walk of the index.
        runs = Run.objects.filter(schedule=schedule_id, due_at__lt=before)
        yield from _windows(runs.filter(finished_at__lt=before), "due_at")


def _windows_of_all(usual: Kept, now: datetime) -> Iterator[list[Candidate]]:
    """Yield what may go without a schedule's policy, the longest ended first.

    A schedule with longer days of its own is among them, and decides as everywhere.
    """
    before = now - keeping(None, None, 0, usual).shortest
    return _windows(Run.objects.filter(finished_at__lt=before), "finished_at")


def _windows(runs: QuerySet[Run], column: str) -> Iterator[list[Candidate]]:
    """Yield the runs by the instant in `column`, so many at a time."""
    behind = Q()
    while True:
        rows = (
            runs.filter(behind)
            .order_by(column, "id")
            .values_list(*Candidate._fields)[:READ_AT_ONCE]
        )
        window = [Candidate._make(row) for row in rows]
        if window:
            yield window
        if len(window) < READ_AT_ONCE:
            return
        last: Any = getattr(window[-1], column)
        # The first condition bounds the scan of the index, the second is exact.
        same = Q(**{column: last, "id__gt": window[-1].id})
        behind = Q(**{f"{column}__gte": last}) & (Q(**{f"{column}__gt": last}) | same)


def _policies(schedule_ids: set[int]) -> Iterable[tuple[int, int | None, int | None, int]]:
    return Policy.objects.filter(schedule__in=schedule_ids).values_list(
        "schedule_id", "runs_kept_days", "failures_kept_days", "runs_kept_at_least"
    )


def _oldest_of_last(schedule_ids: list[int], at_least: int) -> dict[int | None, datetime | None]:
    """Return when the oldest of each schedule's last runs was due; None where there are fewer."""
    runs = Run.objects.filter(schedule=OuterRef("pk")).order_by(F("due_at").desc())
    nth = Subquery(runs.values("due_at")[at_least - 1 : at_least])
    schedules = PeriodicTask.objects.filter(pk__in=schedule_ids)
    return dict(schedules.annotate(nth=nth).values_list("pk", "nth"))


def _in_words(run_ids: list[UUID]) -> list[str]:
    runs = Run.objects.filter(id__in=run_ids[:EXAMPLES]).only("schedule_name", "task", "due_at")
    return [str(run) for run in runs.order_by("finished_at")]


def _parts(ids: list[UUID], size: int) -> Iterator[list[UUID]]:
    remaining = iter(ids)
    while part := list(islice(remaining, size)):
        yield part
