"""The names within a page that the form of arguments goes by."""

from collections.abc import Mapping
from typing import Any

from beat.arguments.calls import ARGS, KWARGS

# Before the name of each parameter.
PREFIX = "argument-"
# Fields or JSON, and the task that the fields are for.
MODE, TASK = "arguments-mode", "arguments-task"
# The parameters that are written as any value, since theirs does not fit into their own field.
AS_ANY = "arguments-any"
# The button that asks for the other mode.
SWITCH = "arguments-switch"
AS_FIELDS, AS_JSON = "fields", "json"
JSON_NAMES = {ARGS: "arguments-args", KWARGS: "arguments-kwargs"}
MORE_NAMES = {ARGS: "arguments-more-args", KWARGS: "arguments-more-kwargs"}


def all_of(data: Mapping[str, Any], name: str) -> list[str]:
    """Return all values that were posted under a name."""
    many = getattr(data, "getlist", None)
    if many is not None:
        return list(many(name))
    value = data.get(name, [])
    return list(value) if isinstance(value, list | tuple) else [value]
