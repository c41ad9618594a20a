"""Mails of which nobody knows whether they arrived: a person decides."""

from datetime import datetime

import structlog
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from jobs.reports.models import DeliveryState, Report, ReportDelivery

logger = structlog.get_logger(__name__)


def doubtful_for(user: User) -> QuerySet[ReportDelivery]:
    """Return the doubtful mails about which this person decides, as `holds.may_decide` says."""
    return _of_state(DeliveryState.DOUBTFUL, user)


def bounced_for(user: User) -> QuerySet[ReportDelivery]:
    """Return the mails that came back, for the same people."""
    return _of_state(DeliveryState.BOUNCED, user)


def _of_state(state: DeliveryState, user: User) -> QuerySet[ReportDelivery]:
    found = ReportDelivery.objects.filter(state=state)
    theirs = Q(version__report__owner=user.pk)
    if user.has_perm("reports.release_report"):
        theirs |= Q(version__report__in=Report.objects.readable_by(user))
    return found.filter(theirs)


def send_again(delivery: ReportDelivery, by: User, now: datetime) -> bool:
    """Let the mail be sent once more, with the same Message-ID; False when it is not in doubt."""
    return _decide(
        delivery,
        by,
        "doubtful mail is sent again",
        state=DeliveryState.WAITING,
        send_after_at=now,
        error=f"{by.get_username()} had it sent again; it may have arrived before.",
    )


def it_arrived(delivery: ReportDelivery, by: User) -> bool:
    """Write down that the mail arrived; False when it is not in doubt any more."""
    return _decide(
        delivery,
        by,
        "doubtful mail has arrived",
        state=DeliveryState.SENT,
        error=f"{by.get_username()} said that it arrived.",
    )


def _decide(delivery: ReportDelivery, by: User, event: str, **values: object) -> bool:
    doubtful = ReportDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.DOUBTFUL)
    is_done = doubtful.update(sender=None, **values) == 1
    if is_done:
        logger.info(event, delivery=delivery.pk, by=by.get_username())
    return is_done
