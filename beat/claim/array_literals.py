"""PostgreSQL arrays as text: for thousands of elements several times faster than adapting each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

NULL = "NULL"


def array_literal(values: Iterable[Any]) -> str:
    """Return the values as a literal to cast, such as `%s::text[]`; None becomes NULL.

    Source: PostgreSQL 16, "Arrays", 8.15.6: every element may stand in double quotes, and within
    them a quote or a backslash has a backslash before it.
    """
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return NULL
    if isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    return str(value)
