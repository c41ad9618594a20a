"""How long alerts are kept."""

from datetime import datetime

from jobs.alerts.models import Alert
from jobs.cleanup.registry import Batch, Kept, batch_of, retention_rule

ALERTS = Kept(days=365)


@retention_rule("alerts", "deletes alerts that were over {days} ago", ALERTS)
def old_alerts(now: datetime, limit: int, dry_run: bool, kept: Kept = ALERTS) -> Batch:
    """Delete the oldest alerts that are over."""
    old = Alert.objects.filter(over_at__lt=kept.before(now)).order_by("begun_at")
    return batch_of(old, limit, dry_run)
