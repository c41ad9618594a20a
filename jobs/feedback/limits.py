"""How often one sender may write: a form that mails strangers must not become a weapon."""

import ipaddress
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from jobs.feedback.models import FeedbackMessage
from jobs.runs.remote_address import remote_address

WINDOW = timedelta(hours=1)
# Per network address, and per e-mail address: the second keeps many machines from filling
# one person's mailbox with our thanks.
MESSAGES_PER_SENDER = 5
MESSAGES_PER_EMAIL = 3
# A home or office has a whole IPv6 network of this size; IPv4 counts as it is.
IPV6_NETWORK_BITS = 64


def free_again_at(sender_key: str, email: str, now: datetime) -> datetime | None:
    """Return when this sender may write again, or None if now.

    A soft limit: two messages in the same instant may both pass as the last one.
    """
    recent = FeedbackMessage.objects.filter(made_at__gt=now - WINDOW)
    by_sender = _newest(recent.filter(sender_key=sender_key), MESSAGES_PER_SENDER)
    by_email = _newest(recent.filter(email=email), MESSAGES_PER_EMAIL)
    waits = [made_at + WINDOW for made_at in (by_sender, by_email) if made_at is not None]
    return max(waits, default=None)


def _newest(messages: QuerySet[FeedbackMessage], allowed: int) -> datetime | None:
    """Return when the `allowed`-th newest message was made: its leaving frees a place."""
    position = allowed - 1
    newest_first = messages.order_by("-made_at").values_list("made_at", flat=True)
    return next(iter(newest_first[position : position + 1]), None)


def sender_key(request: HttpRequest) -> str:
    """Return the key of the network address that the request came from."""
    return salted_hmac("jobs.feedback.sender", _network(remote_address(request))).hexdigest()


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
