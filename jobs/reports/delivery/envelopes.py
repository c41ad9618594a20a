"""Where a mail that cannot be brought is sent back to: an address that names its delivery.

Off by itself; REPORT_BOUNCE_ADDRESS switches it on. Its server must take `bounces+anything@…` for
`bounces@…`, as most do (RFC 5233), and pass such mails to `manage.py read_bounces`.
"""

import hmac
import re
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from jobs.reports.delivery.letters import sender_address

# Hexadecimal: servers may change the case. 64 bits, since a forged one only marks a mail.
TOKEN = re.compile(r"\+([0-9a-f]{1,16})-([0-9a-f]{16})@", re.IGNORECASE)


def envelope_sender(delivery_pk: int) -> str:
    """Return the envelope's sender for one mail."""
    local, _, domain = settings.REPORT_BOUNCE_ADDRESS.rpartition("@")
    if not local:
        return sender_address()
    return f"{local}+{delivery_pk:x}-{_signature(delivery_pk, settings.SECRET_KEY)}@{domain}"


def delivery_named(text: str) -> int | None:
    """Return the key of the delivery whose address stands in `text`; None for a forged one."""
    for key, signature in TOKEN.findall(text):
        expected = _signature(int(key, 16), settings.SECRET_KEY)
        if hmac.compare_digest(signature.lower(), expected):
            return int(key, 16)
    return None


def _signature(delivery_pk: int, secret: str) -> str:
    digest = hmac.new(_derived(secret), str(delivery_pk).encode(), "sha256").hexdigest()
    return digest[:16]


@lru_cache(maxsize=4)
def _derived(secret: str) -> bytes:
    return salted_hmac("jobs.reports.bounces", "", secret=secret, algorithm="sha256").digest()
