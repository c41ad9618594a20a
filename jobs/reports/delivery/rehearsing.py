"""Rehearsals: who asked gets one mail of each version, and nobody else gets any."""

import structlog
from django.utils import timezone

from jobs.mails.addresses import plain_address
from jobs.mails.outcomes import Result
from jobs.mails.wire import Wire
from jobs.reports.delivery.letters import letter_of, sender_address
from jobs.reports.making.files import remove_files
from jobs.reports.models import DeliveryState, ReportDelivery, Version
from jobs.runs.current import rehearsal

logger = structlog.get_logger(__name__)


def send_one_of_each(mail_to: str) -> int:
    """Send the first mail of each version that has some to send now to `mail_to`; return how many.

    The subject says for whom it would be. Without an address nothing is sent.
    """
    due = ReportDelivery.objects.filter(
        state=DeliveryState.WAITING, send_after_at__lte=timezone.now()
    )
    versions = Version.objects.filter(pk__in=due.values("version"))
    return sum(send_one_of(version, mail_to) for version in versions.select_related("report"))


def send_one_of(version: Version, mail_to: str) -> int:
    """Send the first of the version's mails to `mail_to`; return 1 when the server took it."""
    found = version.deliveries.select_related("subscription").order_by("pk")
    first = found.filter(state=DeliveryState.WAITING).first()
    if first is None:
        return 0
    logger.info(
        "a mail of the rehearsal goes to the one who asked"
        if mail_to
        else "a mail of the rehearsal is held back",
        version=str(version),
        instead_of_to=first.address,
    )
    if not mail_to:
        return 0
    formats = first.subscription.attached_formats if first.subscription else []
    to = plain_address(mail_to)
    content = letter_of(version, formats).rehearsed(to, first.address)
    with Wire() as wire:
        answer = wire.send(sender_address(), to, begin=lambda: None, write=lambda: content)
    return int(answer.result is Result.SENT)


def rehearse(version: Version) -> None:
    """Send the first mail of a version that a rehearsal has made, and remove the version's files.

    At once: the rows are undone at the end of the rehearsal, so that no other run would find the
    mails, and nobody the files.
    """
    known = rehearsal()
    try:
        send_one_of(version, known.mail_to if known else "")
    finally:
        remove_files(version.artefacts.all())
