"""Ends with 0 while the web process of this container answers /healthz with 200, else with 1.

It names a host that ALLOWED_HOSTS holds: Django refuses others before it looks at the page.
"""

import http.client
import os
import sys

PORT = int(os.environ.get("HEALTH_PORT", "8000"))
TIMEOUT_SECONDS = 5


def host_header() -> str:
    """Return the first allowed host; `.example.org` and `*` stand for names that they match."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    return first.lstrip(".").replace("*", "localhost") or "localhost"


def status() -> int:
    """Return the HTTP status of /healthz."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT_SECONDS)
    connection.request("GET", "/healthz", headers={"Host": host_header()})
    return connection.getresponse().status


if __name__ == "__main__":
    try:
        answer: object = status()
    except (OSError, http.client.HTTPException) as error:
        answer = error
    if answer != http.client.OK:
        sys.exit(f"The web process is not healthy: {answer}")
