"""PostgreSQL arrays as text: for thousands of elements several times faster than adapting each."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

NULL = "NULL"
# No text in PostgreSQL holds it.
SEPARATOR = "\0"


def array_literal(values: Collection[Any]) -> str:
    """Return the values as a literal to cast, such as `%s::text[]`; None becomes NULL.

    Source: PostgreSQL 16, "Arrays", 8.15.6: every element may stand in double quotes, and within
    them a quote or a backslash has a backslash before it.
    """
    kinds = set(map(type, values))
    if kinds == {str}:
        return "{" + _quoted_together(values) + "}"
    elements = {kind: _element(kind) for kind in kinds}
    return "{" + ",".join([elements[type(value)](value) for value in values]) + "}"


def _element(kind: type) -> Callable[[Any], str]:
    """Return the function for values of this type, which may be a text of a kind of its own."""
    return next((ELEMENTS[base] for base in kind.__mro__ if base in ELEMENTS), str)


def _quoted_together(texts: Collection[str]) -> str:
    """Return texts, each in quotes, by few steps over all of them."""
    together = SEPARATOR.join(texts)
    if together.count(SEPARATOR) != len(texts) - 1:
        return ",".join(map(_quoted, texts))
    return _quoted(together).replace(SEPARATOR, '","')


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=4096)
def _instant(instant: datetime) -> str:
    # Those of many rows are the same one.
    return f'"{instant.isoformat()}"'


def _hexadecimal(identity: UUID) -> str:
    # PostgreSQL takes it without hyphens, which cost more than the digits.
    return f"{identity.int:032x}"


ELEMENTS: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    datetime: _instant,
    UUID: _hexadecimal,
    type(None): lambda _: NULL,
}
