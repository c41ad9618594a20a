"""Sends the thank-you mail of a message: one sender at a time, and never again once it is sent.

The one doubtful case: a sender that dies, or whose connection breaks, after the mail server took
the mail and before the ledger says so. Nobody can tell then whether it was taken. It is sent once
more as soon as the ledger knows that the sender is dead, with the same Message-ID, by which a
mail server may drop the second one.
"""

from datetime import datetime, timedelta

from django.core.mail import EmailMessage

from jobs.feedback.models import FeedbackMessage, Thanks
from jobs.mails.messages import mail, stable_message_id
from jobs.mails.outcomes import Outcome, Result
from jobs.mails.sending import Post

# The sweep leaves a new message this long to the task that was published for it.
FIRST_SWEEP = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


def thank_once(message_id: int, post: Post, now: datetime) -> Outcome | None:
    """Send the mail if it is still to be sent; return None when it is not.

    While another worker is at it, the outcome is POSTPONED.
    """
    message = FeedbackMessage.objects.filter(pk=message_id, thanks=Thanks.WAITING).first()
    if message is None:
        return None
    outcome = post.send_once(f"feedback.thanks:{_name(message)}", thank_you_mail(message))
    settle(message, outcome, now)
    return outcome


def settle(message: FeedbackMessage, outcome: Outcome, now: datetime) -> bool:
    """Record what became of the mail; False when another sender has settled it before.

    A mail that was sent is recorded in any case.
    """
    kept = FeedbackMessage.objects.filter(pk=message.pk)
    waiting = kept.filter(thanks=Thanks.WAITING)
    tries = message.tries + 1
    match outcome.result:
        case Result.SENT:
            return kept.update(tries=tries, thanks=Thanks.THANKED, thanked_at=now, trouble="") == 1
        case Result.REFUSED:
            return waiting.update(tries=tries, thanks=Thanks.REFUSED, trouble=outcome.words) == 1
        case _:
            again_at = now + wait(message.tries)
            return waiting.update(tries=tries, try_again_at=again_at, trouble=outcome.words) == 1


def wait(tries: int) -> timedelta:
    """Return how long the sweep leaves a message alone after `tries` failed ones: 2 min, 4 ..."""
    return min(LONGEST_WAIT, FIRST_SWEEP * (2 << min(tries, 10)))


def thank_you_mail(message: FeedbackMessage) -> EmailMessage:
    """Return the mail.

    It does not repeat the message: else the form would send anybody's words to anybody.
    """
    headers = {
        "Message-ID": stable_message_id("feedback", _name(message)),
        # RFC 3834: no other robot answers this one.
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
    }
    return mail("feedback/mails/thanks", {"message": message}, message.email, headers)


def _name(message: FeedbackMessage) -> str:
    """Return what no other message is called, also after the table was filled anew."""
    return f"{message.pk}:{message.made_at.isoformat()}"
