"""A task's result as the run keeps it: JSON, bounded, with the links that the task gave."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from jobs.runs.texts import REPLACEMENT, storable

RESULT_BYTES = 16_384
EXCERPT_LENGTH = 1_000
LINKS = "links"
VALUE = "value"
MOST_LINKS = 20
TITLE_LENGTH = 200
URL_LENGTH = 2_000
# An address of this site, or of another one; never "javascript:" or "//elsewhere".
SAFE_URL = re.compile(r"(https?://|/(?![/\\]))[^\x00-\x20\\]*")
# The escape of NUL in JSON, which PostgreSQL's jsonb refuses; not "\\u0000", which is text.
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True)
class Link:
    """An artefact that a person may open: its title, and its address on this or another site."""

    title: str
    url: str


def link_to(title: str, url: str) -> Link | None:
    """Return the link, its title cut to its bound, or None when the address is none to follow."""
    title, url = storable(str(title))[:TITLE_LENGTH], storable(str(url))
    if len(url) > URL_LENGTH or SAFE_URL.fullmatch(url) is None:
        return None
    return Link(title or url[:TITLE_LENGTH], url)


def bounded(value: Any) -> Any:
    """Return `value` as JSON types, or the beginning of its text and what was cut.

    What is no JSON (NaN, too) is kept as the beginning of its `repr`.
    """
    if value is None:
        return None
    try:
        text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return storable(_in_words(value)[:EXCERPT_LENGTH])
    text = storable(ESCAPED_NUL.sub(rf"\1{REPLACEMENT}", text))
    size_bytes = len(text.encode())
    if size_bytes > RESULT_BYTES:
        return (
            f"{text[:EXCERPT_LENGTH]} ... (too large to keep: {size_bytes:,} bytes, "
            f"{RESULT_BYTES:,} are kept whole)"
        )
    return json.loads(text)


def with_links(value: Any, links: Iterable[Link]) -> Any:
    """Return the bounded result with the links under "links"; as it is when there are none.

    A result that is no dict stands under "value" then. At most MOST_LINKS are kept.
    """
    kept = [asdict(link) for link in links][:MOST_LINKS]
    result = bounded(value)
    if not kept:
        return result
    if result is None:
        return {LINKS: kept}
    return {**(result if isinstance(result, dict) else {VALUE: result}), LINKS: kept}


def links_of(result: Any) -> list[Link]:
    """Return the links in a run's result, for its page; what is no safe link is left out."""
    given = result.get(LINKS) if isinstance(result, dict) else None
    if not isinstance(given, list):
        return []
    made = (
        link_to(str(one.get("title", "")), str(one.get("url", "")))
        for one in given[:MOST_LINKS]
        if isinstance(one, dict)
    )
    return [link for link in made if link is not None]


def _in_words(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 (whatever an object of a task's own may raise)
        return f"<{type(value).__name__} that cannot be shown>"
