"""What cleanup deletes of the ledger's smaller tables; its runs go by the policies of `beat`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from jobs.cleanup.registry import EXAMPLES, Batch, retention_rule
from jobs.runs.limits import forget_rates
from jobs.runs.models import Once, RateLimit, Worker
from jobs.runs.once import forget_keys
from jobs.runs.worker.liveness.own_row import forget_workers

WORKER_DAYS = 7
RATE_DAYS = 1
# As long as any run may be started again by hand.
KEY_DAYS = max(settings.RUN_RETENTION_DAYS, settings.RUN_FAILURE_RETENTION_DAYS)

Forget = Callable[[datetime, int], int]


@retention_rule("ended workers", f"deletes what workers told that ended {WORKER_DAYS} days ago")
def ended_workers(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete the lives that ended longest ago."""
    before = now - timedelta(days=WORKER_DAYS)
    ended = Worker.objects.filter(stopped_at__lt=before).order_by("stopped_at")
    return _forgotten(ended, forget_workers, before, limit, dry_run)


@retention_rule("keys of side effects", f"deletes what happened once more than {KEY_DAYS} days ago")
def old_keys(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete the oldest keys; what comes again with one of them counts as the first."""
    before = now - timedelta(days=KEY_DAYS)
    old = Once.objects.filter(begun_at__lt=before).order_by("begun_at")
    return _forgotten(old, forget_keys, before, limit, dry_run)


@retention_rule("idle rates", "deletes places in rates that nothing has taken for a day")
def idle_rates(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete rates that nobody takes from any more; one that is not there is free to take from."""
    before = now - timedelta(days=RATE_DAYS)
    idle = RateLimit.objects.filter(next_at__lt=before, taken_at__lt=before).order_by("taken_at")
    return _forgotten(idle, forget_rates, before, limit, dry_run)


def _forgotten(
    rows: QuerySet[Any], forget: Forget, before: datetime, limit: int, dry_run: bool
) -> Batch:
    examples = [str(row) for row in rows[: min(EXAMPLES, limit)]]
    return Batch(rows[:limit].count() if dry_run else forget(before, limit), examples)
