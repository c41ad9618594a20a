"""The way out for all mail: over SMTP, and in a rehearsal to the one who asked for it."""

import smtplib
from collections.abc import Sequence
from copy import copy
from email import message_from_bytes
from email.policy import SMTPUTF8
from email.utils import parseaddr
from typing import Any

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from jobs.mails.addresses import INTERNATIONAL, NOT_OFFERED, plain_address
from jobs.runs.current import rehearsal

# Who gets it stands in the envelope, and a mail server drops a Message-ID that it has seen.
NOT_KEPT = {"to", "cc", "message-id"}

logger = structlog.get_logger(__name__)


class RehearsalAwareBackend(EmailBackend):
    """Django's SMTP backend; within a rehearsal nobody but the one who asked gets a mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the mails and return how many; those held back in a rehearsal count."""
        known = rehearsal()
        if known is None:
            return super().send_messages(email_messages) or 0
        for message in email_messages:
            logger.info(
                "a mail of the rehearsal goes to the one who asked"
                if known.mail_to
                else "a mail of the rehearsal is held back",
                subject=message.subject,
                instead_of_to=", ".join(message.recipients())[:500],
            )
        if not known.mail_to:
            return len(email_messages)
        return super().send_messages([redirected(one, known.mail_to) for one in email_messages])

    def _send(self, email_message: EmailMessage) -> bool:
        """Send one mail; Django itself writes a wrong address for a part before @ beyond ASCII."""
        addresses = email_message.recipients()
        if all(address.rpartition("@")[0].isascii() for address in addresses):
            return bool(super()._send(email_message))  # type: ignore[misc]
        return self._send_international(email_message, [plain_address(one) for one in addresses])

    def _send_international(self, email_message: EmailMessage, addresses: list[str]) -> bool:
        """Send a mail with UTF-8 in its headers (RFC 6531, RFC 6532)."""
        server: Any = self.connection
        server.ehlo_or_helo_if_needed()
        if not server.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError(NOT_OFFERED)
        content = message_from_bytes(email_message.message().as_bytes(), policy=SMTPUTF8)
        del content["To"]
        content["To"] = ", ".join(addresses)
        sender = plain_address(parseaddr(email_message.from_email)[1])
        server.sendmail(sender, addresses, content.as_bytes(), mail_options=INTERNATIONAL)
        return True


def redirected(message: EmailMessage, mail_to: str) -> EmailMessage:
    """Return a copy of the mail for another address; its subject says for whom it was."""
    recipients = message.recipients()
    whom = recipients[0] if len(recipients) == 1 else f"{len(recipients)} people"
    new = copy(message)
    new.to, new.cc, new.bcc = [mail_to], [], []
    new.subject = f"[Rehearsal, for {whom}] {message.subject}"
    headers = message.extra_headers.items()
    new.extra_headers = {name: value for name, value in headers if name.lower() not in NOT_KEPT}
    return new
