"""Sending the mails of alerts: one to each address, about all that is to be told to it.

The one doubtful case is that of every mail: a sender that dies after the server took it and before
the ledger says so. It is sent once more then, with the same Message-ID.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.utils import timezone

from jobs.alerts.letters import letter
from jobs.alerts.models import AlertMail
from jobs.alerts.tellings import make_mails, write_tellings, write_told
from jobs.mails.outcomes import Outcome, Result
from jobs.mails.sending import Post, longest_sending_seconds

# So many mails in one look; the others in the next one.
AT_ONCE = 1_000
# A server that puts off one address for so long does not want its mails.
LONGEST_WAIT = timedelta(days=1)
WORDS_LENGTH = 300

Ledger = Callable[[], AbstractContextManager[None]]

logger = structlog.get_logger(__name__)


def tell(now: datetime, ledger: Ledger = nullcontext) -> int:
    """Send what is to be told, the oldest first; return how many mails the server took.

    Everything that uses the database, and nothing else, happens within a `ledger()`. Any number
    may tell at the same time: each mail is one sender's.
    """
    with ledger():
        write_tellings()
        make_mails(now)
        waiting = list(_not_begun().order_by("made_at").values_list("pk", flat=True)[:AT_ONCE])
    sent = 0
    with Post() as post:
        for pk in waiting:
            sent += _send(pk, post, ledger, now)
            if post.is_away:
                break
    with ledger():
        write_told(now)
    return sent


def _not_begun() -> QuerySet[AlertMail]:
    """Return the mails that nobody is sending now.

    By this machine's clock, as the wait for a sender's death is longer than clocks differ.
    """
    dead_since = timezone.now() - timedelta(seconds=longest_sending_seconds())
    free = Q(begun_at=None) | Q(begun_at__lt=dead_since)
    return AlertMail.objects.filter(free, settled_at=None)


def _send(pk: UUID, post: Post, ledger: Ledger, now: datetime) -> bool:
    """Send one mail, unless another one is at it; return whether the server took it."""
    begun_at = timezone.now()
    with ledger():
        message = _begin(pk, begun_at)
    if message is None:
        return False
    outcome = post.send(message)
    with ledger():
        _settle(AlertMail.objects.filter(pk=pk, begun_at=begun_at), outcome, now)
    return outcome.result is Result.SENT


def _begin(pk: UUID, begun_at: datetime) -> EmailMessage | None:
    """Take a mail and return its words; None when somebody else has it."""
    if not _not_begun().filter(pk=pk).update(begun_at=begun_at):
        return None
    message = letter(AlertMail.objects.get(pk=pk))
    if message is None:
        # Its alerts are past their retention.
        AlertMail.objects.filter(pk=pk).delete()
    return message


def _settle(mine: QuerySet[AlertMail], outcome: Outcome, now: datetime) -> None:
    """Write what became of a mail; one that was not taken is free again."""
    words = outcome.words[:WORDS_LENGTH]
    match outcome.result:
        case Result.SENT:
            mine.update(settled_at=now, result=AlertMail.Result.SENT)
        case Result.REFUSED:
            logger.warning("alerts refused", words=words)
            mine.update(settled_at=now, result=AlertMail.Result.REFUSED, words=words)
        case Result.POSTPONED if mine.filter(made_at__lt=now - LONGEST_WAIT).exists():
            logger.warning("alerts given up", words=words)
            mine.update(settled_at=now, result=AlertMail.Result.GIVEN_UP, words=words)
        case _:
            mine.update(begun_at=None, words=words)
