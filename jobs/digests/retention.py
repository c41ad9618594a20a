"""How long it is remembered what became of digests."""

from datetime import datetime, timedelta

from django.conf import settings

from jobs.cleanup.registry import Batch, batch_of, retention_rule
from jobs.digests.models import Delivery


@retention_rule(
    "digest deliveries",
    f"deletes the records of digests older than {settings.RUN_RETENTION_DAYS} days",
)
def old_deliveries(now: datetime, limit: int, dry_run: bool) -> Batch:
    """Delete the oldest deliveries; like runs, they are history."""
    until = now - timedelta(days=settings.RUN_RETENTION_DAYS)
    old = Delivery.objects.filter(covered_until__lt=until).order_by("covered_until")
    return batch_of(old, limit, dry_run)
