"""Sends mails one by one over one SMTP connection and says what became of each."""

from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from jobs.mails.outcomes import SENT, Outcome, Result, judged
from jobs.runs.current import UnderWayError, once

# How often a connection to a server may break in a row before the server counts as away.
LOST_CONNECTIONS = 3
# Steps of one SMTP conversation, each of which may take as long as EMAIL_TIMEOUT.
CONVERSATION_STEPS = 12


class _NotSentError(Exception):
    """The server did not take a mail; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


class Post:
    """A context manager around the connection; it opens on the first mail and is reused.

    One doubtful case cannot be told from outside: when the connection breaks after the mail's
    text was sent and before the server's answer came, the server may have taken the mail. It
    counts as not sent and may arrive twice, with the same Message-ID.
    """

    def __init__(self) -> None:
        self._connection = get_connection()
        self._lost_in_a_row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def is_away(self) -> bool:
        """Return whether the server was unreachable too often to go on now."""
        return self._lost_in_a_row >= LOST_CONNECTIONS

    def send(self, message: EmailMessage) -> Outcome:
        """Send `message`, which has one recipient, and return what became of it."""
        try:
            self._connection.open()
            self._connection.send_messages([message])
        # smtplib's errors are OSErrors; ValueError is a sender or address that is none.
        except (OSError, ValueError) as error:
            outcome = judged(error)
        else:
            outcome = SENT
        self._remember(outcome)
        return outcome

    def send_once(self, key: str, message: EmailMessage) -> Outcome:
        """Send `message` unless a mail with this key was taken by a server before.

        SENT, too, when it went out earlier; POSTPONED while another worker is at it. A mail whose
        sender died in the middle is sent again, with the same Message-ID: `message` must have one
        that depends on the key alone.
        """
        try:
            with once(key) as first:
                if first:
                    self._send_or_raise(message)
        except _NotSentError as problem:
            return problem.outcome
        except UnderWayError as problem:
            return Outcome(Result.POSTPONED, str(problem))
        return SENT

    def _send_or_raise(self, message: EmailMessage) -> None:
        """Send; raise where the server did not take it, which gives the key free."""
        outcome = self.send(message)
        if outcome.result is not Result.SENT:
            raise _NotSentError(outcome)

    def _remember(self, outcome: Outcome) -> None:
        if outcome.result is not Result.UNREACHABLE:
            self._lost_in_a_row = 0
            return
        self._lost_in_a_row += 1
        self._close()

    def _close(self) -> None:
        """Close the connection; what was sent is sent, so that an error here tells nothing."""
        try:
            self._connection.close()
        except OSError:
            # Django forgets the broken connection all the same; the next mail opens another.
            return


def longest_sending_seconds() -> int:
    """Return how long one mail may take before its sender counts as dead."""
    timeout = settings.EMAIL_TIMEOUT or 60
    return max(120, CONVERSATION_STEPS * timeout)
