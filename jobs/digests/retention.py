"""How long it is remembered what became of digests."""

from datetime import datetime

from django.conf import settings

from jobs.cleanup.registry import Batch, Kept, batch_of, retention_rule
from jobs.digests.models import Delivery

# Like runs, they are history.
DELIVERIES = Kept(days=settings.RUN_RETENTION_DAYS)


@retention_rule(
    "digest deliveries",
    "deletes the records of digests older than {days}",
    DELIVERIES,
    least_days=14,
    why_least="until then they say who still gets a weekly digest",
)
def old_deliveries(now: datetime, limit: int, dry_run: bool, kept: Kept = DELIVERIES) -> Batch:
    """Delete the oldest deliveries."""
    old = Delivery.objects.filter(covered_until__lt=kept.before(now)).order_by("covered_until")
    return batch_of(old, limit, dry_run)
