"""Making tokens, and finding whose one is."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q

from beat.models import ApiToken

# So that a scanner of secrets knows one when it sees it.
PREFIX = "punctual_"
RANDOM_BYTES = 32
SHOWN = 14
# A write per request would be a row that everybody waits for.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def make_token(user: User, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """Return the row of a new token and the token, which can never be read again."""
    text = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token = ApiToken.objects.create(
        user=user, name=name, hash=hash_of(text), begins_with=text[:SHOWN], expires_at=expires_at
    )
    return token, text


def token_of(text: str, now: datetime) -> ApiToken | None:
    """Return the token if it counts at this moment, with its person; note that it was used."""
    found = ApiToken.objects.select_related("user").filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        hash=hash_of(text),
        revoked_at=None,
        user__is_active=True,
    )
    token = found.first()
    if token is not None:
        _note_use(token, now)
    return token


def hash_of(text: str) -> str:
    """Return what is kept of a token; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _note_use(token: ApiToken, now: datetime) -> None:
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at <= now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)
