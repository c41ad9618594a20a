"""Words about addresses and errors that people may read: never with a password in them."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from scheduler_site.doctor.findings import Finding

MASK = "***"
SHORTEST_SECRET = 4


def place(url: str) -> str:
    """Return host, port and path of an address, without its user, password and options."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return f"{address}{parts.path}" or parts.scheme


def reason(error: BaseException) -> str:
    """Return the first line of an error's text, or its kind when it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__


def passwords_in(urls: Iterable[str | None]) -> set[str]:
    """Return the passwords that stand in these addresses, as written and decoded."""
    found = {urlsplit(url).password or "" for url in urls if url}
    return (found | {unquote(password) for password in found}) - {""}


def without_secrets(finding: Finding, secrets: Iterable[str]) -> Finding:
    """Return the finding with every secret masked: texts of other programs may repeat one.

    Secrets of three letters and less stay: masking them would spoil every other word.
    """
    sentence, advice = finding.sentence, finding.advice
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            sentence = sentence.replace(secret, MASK)
            advice = advice.replace(secret, MASK)
    return replace(finding, sentence=sentence, advice=advice)
