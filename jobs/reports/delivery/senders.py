"""Who sends: a run's attempt, so that the ledger knows when a sender is dead."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs.mails.sending import longest_sending_seconds
from jobs.reports.models import DeliveryState, MailSender, ReportDelivery
from jobs.runs import current
from jobs.runs.models import Run
from jobs.runs.states import State

logger = structlog.get_logger(__name__)


def new_sender(now: datetime) -> MailSender:
    """Insert the sender that executes this, and return it."""
    run_id = current.run_id()
    return MailSender.objects.create(
        id=uuid4(),
        run_id=run_id,
        attempt=current.attempt() if run_id else 0,
        marked_at=now,
        alive_until=alive_until(now),
    )


def alive_until(now: datetime) -> datetime:
    """Return until when a sender counts as alive that gives a sign now."""
    return now + timedelta(seconds=longest_sending_seconds())


def dead_senders(now: datetime) -> QuerySet[MailSender]:
    """Return the senders that are known to be dead.

    Their run has another attempt or has ended, or they have been silent for longer than one mail
    takes. One that is only slow stops by itself: its row is gone, and it marks each mail there.
    """
    running = Run.objects.filter(
        id=OuterRef("run_id"), attempt=OuterRef("attempt"), state=State.RUNNING
    )
    of_a_run = Q(run_id__isnull=False)
    return MailSender.objects.filter(Q(alive_until__lte=now) | (of_a_run & ~Exists(running)))


def bury_dead_senders(now: datetime) -> int:
    """Settle what dead senders left; return how many mails are in doubt, one for each at most."""
    dead = list(dead_senders(now).values_list("pk", flat=True))
    return sum(_bury(pk) for pk in dead)


@transaction.atomic
def _bury(pk: UUID) -> int:
    """Write down what the sender had sent, what is in doubt, and free what it had not begun."""
    # Whoever is at this row, the sender itself too, is waited for.
    sender = MailSender.objects.select_for_update().filter(pk=pk).first()
    if sender is None:
        return 0
    claimed = ReportDelivery.objects.filter(sender=pk, state=DeliveryState.WAITING)
    doubtful = 0
    if sender.in_hand is not None:
        claimed.filter(pk__lt=sender.in_hand).update(
            state=DeliveryState.SENT, sent_at=sender.marked_at, smtp_code=250, error=""
        )
        doubtful = claimed.filter(pk=sender.in_hand).update(
            state=DeliveryState.DOUBTFUL,
            error="Its sender ended before the mail server's answer was written down.",
        )
    freed = claimed.update(sender=None)
    sender.delete()
    logger.warning("a dead sender's mails are settled", doubtful=doubtful, freed=freed)
    return doubtful
