"""One SMTP connection that says how far each mail came: whether it may be sent again, or not.

`jobs.mails.sending.Post` sends what Django has written, a few mails at a time. This is for many:
a mail is bytes that are ready for the wire, and the answer tells a mail that the server cannot
have from one that it may have.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.core.mail.backends.smtp import EmailBackend

from jobs.mails.addresses import INTERNATIONAL, NOT_OFFERED
from jobs.mails.outcomes import PERMANENT, SERVICE_CLOSING, Result

# How often in a row a server may be unreachable, or break a conversation that it has begun (some
# hang up on a recipient that they do not like), before it counts as away.
MOST_UNREACHABLE, MOST_BROKEN = 3, 20
OK, FORWARDED, START = 250, 251, 354


@dataclass(frozen=True)
class Answer:
    """A result with the server's code, 0 when it gave none, and the words."""

    result: Result
    code: int = 0
    words: str = ""


SENT = Answer(Result.SENT, OK)


class Wire:
    """A context manager around the connection; it opens on the first mail and is reused."""

    def __init__(self) -> None:
        # Django's own, for its host, TLS and login. A rehearsal is the caller's to respect.
        self._backend = EmailBackend()
        self._unreachable_in_a_row = 0
        self._broken_in_a_row = 0
        # Of the last answer that was not SENT.
        self.last_words = ""

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
        """Return whether the server was lost too often in a row to go on now."""
        return (
            self._unreachable_in_a_row >= MOST_UNREACHABLE or self._broken_in_a_row >= MOST_BROKEN
        )

    def send(
        self, sender: str, address: str, begin: Callable[[], None], write: Callable[[], bytes]
    ) -> Answer:
        """Send a mail to one address, and return what became of it.

        Both addresses are as `addresses.plain_address` returns them; one beyond ASCII is refused
        where the server does not offer SMTPUTF8 (RFC 6531). `write` returns the mail with CRLF
        line ends, doubled dots at the beginning of lines and the final dot (RFC 5321, 4.5.2).
        `begin` is called before it. Both are called while the server works on its first commands,
        so that they cost no time, and before it gets any of the mail. What they raise goes on to
        the caller. Errors of smtplib and of the network become answers.
        """
        answer = self._open()
        if answer is None:
            answer = self._converse(sender, address, begin, write)
        self._remember(answer)
        return answer

    @property
    def _server(self) -> smtplib.SMTP:
        server: smtplib.SMTP | None = self._backend.connection
        if server is None:
            raise smtplib.SMTPServerDisconnected("There is no connection.")
        return server

    def _open(self) -> Answer | None:
        """Return None when there is a connection, else why there is none."""
        if self._backend.connection is not None:
            return None
        try:
            self._backend.open()
            self._server.ehlo_or_helo_if_needed()
            # For addresses beyond ASCII; the others look the same in both.
            self._server.command_encoding = "utf-8"
        except smtplib.SMTPResponseException as error:
            return _answer(Result.UNREACHABLE, error.smtp_code, error.smtp_error)
        except OSError as error:  # smtplib's errors are OSErrors.
            return Answer(Result.UNREACHABLE, 0, _broken(error))
        return None

    def _converse(
        self, sender: str, address: str, begin: Callable[[], None], write: Callable[[], bytes]
    ) -> Answer:
        is_whole, options = False, ""
        if not (sender.isascii() and address.isascii()):
            if not self._server.has_extn("smtputf8"):
                return Answer(Result.REFUSED, 0, NOT_OFFERED)
            options = " ".join(["", *INTERNATIONAL])
        try:
            # Not by smtplib's `mail` and `rcpt`: they parse each address twice, which takes as
            # long as a tenth of the whole conversation.
            self._server.putcmd(f"MAIL FROM:<{sender}>{options}")
            begin()
            code, words = self._server.getreply()
            if code != OK:
                return self._after(_answer(Result.UNREACHABLE, code, words))
            self._server.putcmd(f"RCPT TO:<{address}>")
            content = write()
            refusal = self._refusal()
            if refusal is not None:
                return self._after(refusal)
            self._server.send(content)
            is_whole = True
            return self._after(_of_mail(*self._server.getreply()))
        except OSError as error:
            self._close()
            result = Result.DOUBTFUL if is_whole else Result.POSTPONED
            return Answer(result, 0, _broken(error))

    def _refusal(self) -> Answer | None:
        """Hear about the recipient, and announce the mail; return None when the server listens."""
        code, words = self._server.getreply()
        if code not in (OK, FORWARDED):
            return _of_mail(code, words)
        code, words = self._server.docmd("DATA")
        return None if code == START else _of_mail(code, words)

    def _after(self, answer: Answer) -> Answer:
        """Make the connection ready for the next mail, or close it where the server says so."""
        if answer.code == SERVICE_CLOSING:
            self._close()
        elif answer.result is not Result.SENT:
            try:
                self._server.rset()
            except OSError:
                # What it has said before counts.
                self._close()
        return answer

    def _remember(self, answer: Answer) -> None:
        self.last_words = answer.words or self.last_words
        is_unreachable = answer.result is Result.UNREACHABLE
        is_broken = not is_unreachable and self._backend.connection is None
        self._unreachable_in_a_row = self._unreachable_in_a_row + 1 if is_unreachable else 0
        self._broken_in_a_row = self._broken_in_a_row + 1 if is_broken else 0

    def _close(self) -> None:
        """Close the connection; what was sent is sent, so that an error here tells nothing."""
        try:
            self._backend.close()
        except OSError:
            return


def _of_mail(code: int, words: bytes | str) -> Answer:
    """Return the answer to a recipient or to a mail's text."""
    if code == OK:
        return SENT
    result = Result.REFUSED if code >= PERMANENT else Result.POSTPONED
    return _answer(result, code, words)


def _answer(result: Result, code: int, words: bytes | str) -> Answer:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Answer(result, max(code, 0), " ".join(text.split())[:500])


def _broken(error: OSError) -> str:
    return f"{type(error).__name__}: {error}"[:500]
