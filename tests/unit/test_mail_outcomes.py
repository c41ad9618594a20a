"""What the error of a mail server means for the mail, and for the mails behind it."""

import smtplib

import pytest

from jobs.mails.messages import one_line, stable_message_id
from jobs.mails.outcomes import Result, judged

REFUSED_FOR_GOOD = smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"5.1.1 No such person")})
GREYLISTED = smtplib.SMTPRecipientsRefused({"a@example.org": (451, b"4.7.1 Come back later")})
CLOSING = smtplib.SMTPRecipientsRefused({"a@example.org": (421, b"Closing")})


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (REFUSED_FOR_GOOD, Result.REFUSED),
        (smtplib.SMTPDataError(554, b"Looks like spam"), Result.REFUSED),
        (UnicodeEncodeError("ascii", "\N{SNOWMAN}", 0, 1, "not ASCII"), Result.REFUSED),
        (smtplib.SMTPNotSupportedError("SMTPUTF8 is missing"), Result.REFUSED),
        (GREYLISTED, Result.POSTPONED),
        (smtplib.SMTPDataError(452, b"The mailbox is full"), Result.POSTPONED),
        (CLOSING, Result.UNREACHABLE),
        (smtplib.SMTPSenderRefused(550, b"We do not relay", "us@example.org"), Result.UNREACHABLE),
        (smtplib.SMTPAuthenticationError(535, b"Wrong password"), Result.UNREACHABLE),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), Result.UNREACHABLE),
        (ConnectionRefusedError(111, "Connection refused"), Result.UNREACHABLE),
        (TimeoutError("timed out"), Result.UNREACHABLE),
    ],
)
def test_an_error_tells_whether_the_mail_or_the_server_is_to_blame(
    error: Exception, result: Result
) -> None:
    assert judged(error).result == result


def test_the_outcome_keeps_the_words_of_the_server() -> None:
    assert judged(REFUSED_FOR_GOOD).words == "550 5.1.1 No such person"


def test_a_header_is_one_line_whatever_it_is_made_from() -> None:
    assert one_line("Hello\r\nBcc: everybody@example.org\n") == "Hello Bcc: everybody@example.org"


def test_the_message_id_is_the_same_for_every_try_and_another_for_every_mail() -> None:
    first = stable_message_id("feedback", "1")
    assert first == stable_message_id("feedback", "1")
    assert len({first, stable_message_id("feedback", "2"), stable_message_id("digest", "1")}) == 3
    assert first.endswith("@localhost>")
