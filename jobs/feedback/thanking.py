"""Sends the thank-you mail of a message: one sender at a time, and never again once it is sent.

The one doubtful case: a sender that dies, or whose connection breaks, after the mail server took
the mail and before the row says so. Nobody can tell then whether it was taken. It is sent once
more after the lease, with the same Message-ID, by which a mail server may drop the second one.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.mail import EmailMessage
from django.db.models import Q

from jobs.feedback.models import FeedbackMessage, Thanks
from jobs.mails.messages import mail, stable_message_id
from jobs.mails.outcomes import Outcome, Result
from jobs.mails.sending import Post, longest_sending_seconds

# The sweep leaves a new message this long to the task that was published for it.
FIRST_SWEEP = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


def thank_once(message_id: int, post: Post, now: datetime) -> Outcome | None:
    """Send the mail if it is still to be sent; return None when another sends it or did."""
    claim = claimed(message_id, now)
    if claim is None:
        return None
    message = FeedbackMessage.objects.get(pk=message_id)
    outcome = post.send(thank_you_mail(message))
    settle(message, claim, outcome, now)
    return outcome


def claimed(message_id: int, now: datetime) -> UUID | None:
    """Take the message for one sender and return its claim, or None when it is not to be had."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    waiting = FeedbackMessage.objects.filter(free, pk=message_id, thanks=Thanks.WAITING)
    claim = uuid4()
    until = now + timedelta(seconds=longest_sending_seconds())
    return claim if waiting.update(claim=claim, claimed_until=until) == 1 else None


def settle(message: FeedbackMessage, claim: UUID, outcome: Outcome, now: datetime) -> bool:
    """Record what became of the mail and give the claim back; False when the claim had expired.

    A mail that was sent is recorded in any case: it must not go out again.
    """
    held = FeedbackMessage.objects.filter(pk=message.pk, thanks=Thanks.WAITING)
    given_back = {"claim": None, "claimed_until": None, "tries": message.tries + 1}
    match outcome.result:
        case Result.SENT:
            changes = {"thanks": Thanks.THANKED, "thanked_at": now, "trouble": ""}
        case Result.REFUSED:
            held = held.filter(claim=claim)
            changes = {"thanks": Thanks.REFUSED, "trouble": outcome.words}
        case _:
            held = held.filter(claim=claim)
            changes = {"try_again_at": now + wait(message.tries), "trouble": outcome.words}
    return held.update(**given_back, **changes) == 1


def wait(tries: int) -> timedelta:
    """Return how long the sweep leaves a message alone after `tries` failed ones: 2 min, 4 ..."""
    return min(LONGEST_WAIT, FIRST_SWEEP * (2 << min(tries, 10)))


def thank_you_mail(message: FeedbackMessage) -> EmailMessage:
    """Return the mail.

    It does not repeat the message: else the form would send anybody's words to anybody.
    """
    headers = {
        "Message-ID": stable_message_id("feedback", f"{message.pk}:{message.made_at.isoformat()}"),
        # RFC 3834: no other robot answers this one.
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
    }
    return mail("feedback/mails/thanks", {"message": message}, message.email, headers)
