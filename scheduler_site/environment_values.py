"""How the text of a variable becomes a value: each reader raises ValueError with what to write."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

SOURCE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def text(raw: str) -> str:
    """Return the text as it is."""
    return raw


def boolean(raw: str) -> bool:
    """Return True for 1, true, yes, on and False for 0, false, no, off or nothing."""
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False, "": False}
    if raw.lower() not in known:
        raise ValueError("write 1 for on or 0 for off")
    return known[raw.lower()]


def words(raw: str) -> list[str]:
    """Return the words between commas."""
    return [word.strip() for word in raw.split(",") if word.strip()]


def mail_addresses(raw: str) -> list[str]:
    """Return the e-mail addresses between commas, none of them twice."""
    found = list(dict.fromkeys(words(raw)))
    for each in found:
        try:
            validate_email(each)
        except ValidationError:
            raise ValueError(f"{each!r} is no e-mail address; write them with commas") from None
    return found


def way_back(raw: str) -> str:
    """Return the address for mails that come back; 30 characters before its @ leave room."""
    found = mail_addresses(raw)
    if len(found) > 1 or len(raw.partition("@")[0]) > 30:
        raise ValueError("write one e-mail address, with at most 30 characters before the @")
    return "".join(found)


def whole_number(smallest: int, largest: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `smallest` to `largest`."""

    def read(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not smallest <= int(raw) <= largest:
            raise ValueError(f"write a whole number from {smallest} to {largest}")
        return int(raw)

    return read


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a reader that accepts only the words in `allowed`."""

    def read(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(f"write one of: {', '.join(allowed)}")
        return raw

    return read


def address(*schemes: str) -> Callable[[str], str]:
    """Return a reader of URLs that begin with one of `schemes`; empty means "not set"."""

    def read(raw: str) -> str:
        if raw and urlsplit(raw).scheme not in schemes:
            raise ValueError(f"write a URL that begins with {' or '.join(schemes)}")
        return raw.rstrip("/") if schemes[0].startswith("http") else raw

    return read


def named_addresses(*schemes: str) -> Callable[[str], dict[str, str]]:
    """Return a reader of `name=URL` pairs, with spaces or new lines between them."""

    def read(raw: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in raw.split():
            name, _, url = pair.partition("=")
            if not SOURCE_NAME.fullmatch(name) or name in found:
                raise ValueError("write name=URL pairs, each with a name of its own such as sales")
            if urlsplit(url).scheme not in schemes:
                raise ValueError(f"the URL of {name} must begin with {' or '.join(schemes)}")
            found[name] = url
        return found

    return read


def time_zone(raw: str) -> str:
    """Return the name of an IANA time zone."""
    if raw not in available_timezones():
        raise ValueError("write an IANA time zone such as UTC or Europe/Berlin")
    return raw
