"""What became of a mail, judged from the error that sending it raised. Pure."""

import smtplib
from dataclasses import dataclass
from enum import StrEnum

SERVICE_CLOSING = 421
PERMANENT = 500


class Result(StrEnum):
    """What the mail server did with a mail.

    POSTPONED is about this mail only (greylisting, a full mailbox, a connection that broke before
    the mail's end); UNREACHABLE is about the server, so that the other mails need not be tried
    now. DOUBTFUL is a mail that was sent whole before the connection broke; `judged` cannot tell
    it from UNREACHABLE.
    """

    SENT = "sent"
    REFUSED = "refused"
    POSTPONED = "postponed"
    UNREACHABLE = "unreachable"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class Outcome:
    """A result, with the server's words when it is not SENT."""

    result: Result
    words: str = ""


SENT = Outcome(Result.SENT)


def judged(error: Exception) -> Outcome:
    """Return the outcome that `error` tells about a mail to one recipient.

    A refused sender or login concerns every mail and is an operator's to mend, so that it
    counts as an unreachable server: no recipient is marked as refused for it.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
            return _by_code(code, words)
        case smtplib.SMTPDataError():
            return _by_code(error.smtp_code, error.smtp_error)
        case smtplib.SMTPResponseException():
            return Outcome(Result.UNREACHABLE, _in_words(error.smtp_code, error.smtp_error))
        case smtplib.SMTPNotSupportedError() | ValueError():
            return Outcome(Result.REFUSED, f"The mail cannot be sent: {error}")
        case _:
            return Outcome(Result.UNREACHABLE, f"{type(error).__name__}: {error}")


def _by_code(code: int, words: bytes | str) -> Outcome:
    if code == SERVICE_CLOSING:
        return Outcome(Result.UNREACHABLE, _in_words(code, words))
    result = Result.REFUSED if code >= PERMANENT else Result.POSTPONED
    return Outcome(result, _in_words(code, words))


def _in_words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"
