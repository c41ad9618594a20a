"""The way out for all mail: over SMTP, and in a rehearsal to the one who asked for it."""

from collections.abc import Sequence
from copy import copy

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

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
