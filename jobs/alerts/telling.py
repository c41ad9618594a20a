"""The mails of alerts: one at the beginning and one at the end, to each address once.

The one doubtful case is that of every mail: a sender that dies after the server took it and before
the ledger says so. It is sent once more then, with the same Message-ID.
"""

from datetime import datetime, timedelta

import structlog
from django.core.mail import EmailMessage
from django.db.models import Q

from jobs.alerts.models import Alert
from jobs.mails.messages import mail, stable_message_id
from jobs.mails.outcomes import Result
from jobs.mails.sending import Post

# So many alerts are told in one go; the others a minute later.
AT_ONCE = 100
# What is over for so long and could not be told is no news any more.
LONGEST_WAIT = timedelta(days=1)
TO_TELL = Q(told_at=None) | Q(over_at__isnull=False, told_over_at=None)

logger = structlog.get_logger(__name__)


def tell(now: datetime) -> int:
    """Send what is to be told, the oldest first; return how many mails the server took.

    An alert is told as a whole once every address was served or refused by the server.
    """
    waiting = Alert.objects.filter(TO_TELL, is_dropped=False)
    waiting.filter(over_at__lt=now - LONGEST_WAIT).update(is_dropped=True)
    sent = 0
    with Post() as post:
        for alert in waiting.order_by("begun_at", "pk")[:AT_ONCE]:
            for is_end in _parts(alert):
                count, is_complete = _send(alert, is_end, post)
                sent += count
                if not is_complete:
                    break
                column = "told_over_at" if is_end else "told_at"
                Alert.objects.filter(pk=alert.pk).update(**{column: now})
            if post.is_away:
                break
    return sent


def _parts(alert: Alert) -> list[bool]:
    """Return what is still to be told, in its order: False is the beginning, True the end."""
    beginning = [False] if alert.told_at is None else []
    return beginning + ([True] if alert.is_over and alert.told_over_at is None else [])


def _send(alert: Alert, is_end: bool, post: Post) -> tuple[int, bool]:
    """Return how many mails the server took, and whether nobody is left to be told."""
    outcomes = []
    for address in alert.addresses:
        key = f"alerts:{alert.pk}:{alert.begun_at.isoformat()}:{is_end}:{address}"
        outcome = post.send_once(key, _mail(alert, is_end, address, key))
        outcomes.append(outcome.result)
        if outcome.result is Result.REFUSED:
            logger.warning("alert refused", alert=alert.pk, words=outcome.words)
    is_complete = all(one in (Result.SENT, Result.REFUSED) for one in outcomes)
    return outcomes.count(Result.SENT), is_complete


def _mail(alert: Alert, is_end: bool, address: str, key: str) -> EmailMessage:
    headers = {
        "Message-ID": stable_message_id("alerts", key),
        # RFC 3834: no other robot answers this one.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    return mail("alerts/mails/alert", {"alert": alert, "is_end": is_end}, address, headers)
