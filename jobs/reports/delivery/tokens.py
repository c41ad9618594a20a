"""What an unsubscribe link is signed with; every token is equally long."""

import base64
import hashlib
import hmac
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from jobs.reports.models import Subscription

# 8 bytes of the key and 16 of its signature, which Base64 writes without padding.
TOKEN_LENGTH = 32
KEY_BYTES, SIGNATURE_BYTES = 8, 16


def token_of(subscription_pk: int) -> str:
    """Return the token that ends this subscription. It does not expire.

    A person must be able to leave from an old mail.
    """
    key = subscription_pk.to_bytes(KEY_BYTES)
    return base64.urlsafe_b64encode(key + _signature(key, settings.SECRET_KEY)).decode()


def subscription_of_token(token: str) -> Subscription | None:
    """Return whose token it is, or None for one that is not ours."""
    if len(token) != TOKEN_LENGTH:
        return None
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    key, signature = raw[:KEY_BYTES], raw[KEY_BYTES:]
    if not hmac.compare_digest(signature, _signature(key, settings.SECRET_KEY)):
        return None
    found = Subscription.objects.select_related("report", "user")
    return found.filter(pk=int.from_bytes(key)).first()


def _signature(key: bytes, secret: str) -> bytes:
    return hmac.new(_derived(secret), key, hashlib.sha256).digest()[:SIGNATURE_BYTES]


@lru_cache(maxsize=4)
def _derived(secret: str) -> bytes:
    # As Django derives its keys, but once: ten thousand mails need ten thousand tokens.
    return salted_hmac("jobs.reports.unsubscribe", "", secret=secret, algorithm="sha256").digest()
