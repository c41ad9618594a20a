"""Subscribing people to reports, and ending it. What is done is logged with its report."""

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import User

from jobs.reports.models import Report, Subscription

logger = structlog.get_logger(__name__)


def subscription_of(user: User, report: Report) -> Subscription:
    """Return the person's subscription; an unsaved one that is off for who has none."""
    found = Subscription.objects.filter(user=user, report=report).first()
    return found or Subscription(user=user, report=report, enabled=False, zone=settings.TIME_ZONE)


def subscribe(user: User, report: Report, **choices: Any) -> Subscription:
    """Let the person get each version; `choices` are columns of the subscription.

    Without choices those made before come back; who has made none gets the mail at once, without
    files. Whether the person may read the report is the caller's to ask. Two clicks at the same
    time make one subscription.
    """
    found, _ = Subscription.objects.update_or_create(
        user=user,
        report=report,
        defaults={"enabled": True, **choices},
        create_defaults={"zone": settings.TIME_ZONE, **choices},
    )
    logger.info("subscribed to a report", report=report.slug, by=user.get_username())
    return found


def unsubscribe(subscription: Subscription) -> bool:
    """Let no more mails go out; what is planned is not sent either. False when it had ended."""
    enabled = Subscription.objects.filter(pk=subscription.pk, enabled=True)
    is_done = enabled.update(enabled=False) == 1
    if is_done:
        logger.info("unsubscribed from a report", subscription=subscription.pk)
    return is_done
