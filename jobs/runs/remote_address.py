"""Where a request came from."""

from django.conf import settings
from django.http import HttpRequest


def remote_address(request: HttpRequest) -> str:
    """Return the client's address: behind our proxy, the one that the proxy saw.

    Only the last entry of X-Forwarded-For is the proxy's; the client writes the ones before.
    """
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
