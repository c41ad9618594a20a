"""What cleanup deletes of the ledger's smaller tables; its runs go by the policies of `beat`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from jobs.cleanup.registry import EXAMPLES, Batch, Kept, batch_of, retention_rule
from jobs.runs.limits import forget_rates
from jobs.runs.models import Once, RateLimit, RunLog, Worker
from jobs.runs.once import forget_keys
from jobs.runs.worker.liveness.own_row import forget_workers

# As long as any run may be started again by hand.
KEY_DAYS = max(settings.RUN_RETENTION_DAYS, settings.RUN_FAILURE_RETENTION_DAYS)

LOGS = Kept(days=None)
WORKERS = Kept(days=7)
KEYS = Kept(days=KEY_DAYS)
RATES = Kept(days=1)

Forget = Callable[[datetime, int], int]


@retention_rule("run logs", "deletes the logs of runs that ended {days} ago; the runs stay", LOGS)
def old_logs(now: datetime, limit: int, dry_run: bool, kept: Kept = LOGS) -> Iterator[Batch]:
    """Delete logs in the order in which they were begun, and stop where none is old.

    Without a policy they go with their run. A log of a run that has not ended stays, and a few
    of these do not stop the walk: it ends where a whole batch is too young.
    """
    before = kept.before(now)
    last = 0
    while window := list(
        RunLog.objects.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", "run__finished_at")[:limit]
    ):
        past = [pk for pk, finished_at in window if finished_at and finished_at < before]
        if not past:
            return
        last = window[-1][0]
        old = RunLog.objects.filter(pk__in=past).select_related("run").order_by("pk")
        yield batch_of(old.defer("text"), len(past), dry_run, in_words=str)


@retention_rule("ended workers", "deletes what workers told that ended {days} ago", WORKERS)
def ended_workers(now: datetime, limit: int, dry_run: bool, kept: Kept = WORKERS) -> Batch:
    """Delete the lives that ended longest ago."""
    before = kept.before(now)
    ended = Worker.objects.filter(stopped_at__lt=before).order_by("stopped_at")
    return _forgotten(ended, forget_workers, before, limit, dry_run)


@retention_rule(
    "keys of side effects",
    "deletes what happened once more than {days} ago",
    KEYS,
    least_days=KEY_DAYS,
    why_least="a run that is started again must not repeat what it did",
)
def old_keys(now: datetime, limit: int, dry_run: bool, kept: Kept = KEYS) -> Batch:
    """Delete the oldest keys; what comes again with one of them counts as the first."""
    before = kept.before(now)
    old = Once.objects.filter(begun_at__lt=before).order_by("begun_at")
    return _forgotten(old, forget_keys, before, limit, dry_run)


@retention_rule(
    "idle rates",
    "deletes places in rates that nothing has taken for {days}",
    RATES,
    least_days=1,
    why_least="a place that was taken today may still count",
)
def idle_rates(now: datetime, limit: int, dry_run: bool, kept: Kept = RATES) -> Batch:
    """Delete rates that nobody takes from any more; one that is not there is free to take from."""
    before = kept.before(now)
    idle = RateLimit.objects.filter(next_at__lt=before, taken_at__lt=before).order_by("taken_at")
    return _forgotten(idle, forget_rates, before, limit, dry_run)


def _forgotten(
    rows: QuerySet[Any], forget: Forget, before: datetime, limit: int, dry_run: bool
) -> Batch:
    examples = [str(row) for row in rows[: min(EXAMPLES, limit)]]
    return Batch(rows[:limit].count() if dry_run else forget(before, limit), examples)
