"""How long alerts are kept."""

from datetime import datetime

from jobs.alerts.models import Alert, AlertMail
from jobs.cleanup.registry import Batch, Kept, batch_of, retention_rule

ALERTS = Kept(days=365)


@retention_rule("alerts", "deletes alerts that were over {days} ago", ALERTS)
def old_alerts(now: datetime, limit: int, dry_run: bool, kept: Kept = ALERTS) -> Batch:
    """Delete the oldest alerts that are over."""
    old = Alert.objects.filter(over_at__lt=kept.before(now)).order_by("begun_at")
    return batch_of(old, limit, dry_run)


@retention_rule("alert mails", "forgets mails of alerts that were made {days} ago", ALERTS)
def old_mails(now: datetime, limit: int, dry_run: bool, kept: Kept = ALERTS) -> Batch:
    """Delete the oldest mails that are settled, with whom they told."""
    old = AlertMail.objects.filter(made_at__lt=kept.before(now), settled_at__isnull=False)
    return batch_of(old.order_by("made_at"), limit, dry_run)
