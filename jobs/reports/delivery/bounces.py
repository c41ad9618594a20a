"""Mails that came back: what their notice says (RFC 3464), and what follows for who got them."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import structlog
from django.db import transaction

from jobs.reports.delivery.envelopes import delivery_named
from jobs.reports.delivery.subscribing import unsubscribe
from jobs.reports.models import DeliveryState, ReportDelivery

# Where servers write for which address of ours a mail came.
ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
IN_A_ROW = 3
PERMANENT = 5
SWITCHED_OFF = f"It is the {IN_A_ROW}rd in a row: the subscription is switched off."
SETTLED = (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.BOUNCED)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Bounce:
    """A mail that came back for good. `status` is that of RFC 3463, such as "5.1.1"."""

    delivery_pk: int
    status: str
    words: str

    @property
    def is_permanent(self) -> bool:
        """Return whether another mail to this address would come back as well."""
        return self.status.startswith(str(PERMANENT))


def bounce_in(content: bytes, sent_to: str = "") -> Bounce | None:
    """Return the bounce that a mail tells of; None for any other mail, and for "delayed".

    `sent_to` is the address that the mail came to, where the mail server says it.
    """
    mail = message_from_bytes(content, policy=policy.default)
    addresses = [sent_to, *(str(each) for name in ENVELOPE for each in mail.get_all(name, []))]
    delivery_pk = delivery_named(" ".join(f"{address}," for address in addresses))
    recipient = _failed_recipient(mail)
    if delivery_pk is None or recipient is None:
        return None
    words = str(recipient.get("Diagnostic-Code") or "").partition(";")[2]
    status = str(recipient.get("Status") or "").strip()[:20]
    return Bounce(delivery_pk, status, " ".join(words.split())[:400])


def write_down(bounce: Bounce) -> bool:
    """Mark the delivery as bounced; False when it is not known, or was marked before.

    After the third permanent one in a row nothing is sent to this subscription any more.
    """
    with transaction.atomic():
        sent = ReportDelivery.objects.filter(
            pk=bounce.delivery_pk, state__in=(DeliveryState.SENT, DeliveryState.DOUBTFUL)
        )
        said = f"Came back: {bounce.status} {bounce.words}".strip()
        code = PERMANENT * 100 if bounce.is_permanent else 400
        if not sent.update(state=DeliveryState.BOUNCED, smtp_code=code, error=said):
            return False
        delivery = ReportDelivery.objects.select_related("subscription").get(pk=bounce.delivery_pk)
        _leave_after_several(delivery)
    logger.warning("a mail came back", delivery=delivery.pk, status=bounce.status)
    return True


def _leave_after_several(delivery: ReportDelivery) -> None:
    """Switch the subscription off, and say so, when its last mails all came back for good."""
    if delivery.subscription is None:
        return
    settled = delivery.subscription.deliveries.filter(state__in=SETTLED).order_by("-pk")
    last = list(settled.values_list("state", "smtp_code")[:IN_A_ROW])
    if last == [(DeliveryState.BOUNCED, PERMANENT * 100)] * IN_A_ROW:
        unsubscribe(delivery.subscription)
        delivery.error = f"{delivery.error} {SWITCHED_OFF}"
        delivery.save(update_fields=["error"])


def _failed_recipient(mail: EmailMessage) -> Message | None:
    """Return the fields about the recipient that the mail could not be brought to."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        fields = part.get_payload()
        for each in fields if isinstance(fields, list) else []:
            if isinstance(each, Message) and _action_of(each) == "failed":
                return each
    return None


def _action_of(recipient: Message) -> str:
    return str(recipient.get("Action", "")).strip().lower()
