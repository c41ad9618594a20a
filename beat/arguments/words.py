"""Types and what is wrong with values, in words."""

import dataclasses
import datetime
import json
import types
import typing
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from jobs.runs.arguments.fitting import LIKE_A_LIST

MOST_CHOICES = 12
LONGEST_WORDS = 300
OF_TYPE: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "yes or no (true or false)",
    bytes: "a text",
    None: "nothing (null)",
    type(None): "nothing (null)",
    Any: "any value",
    object: "any value",
    list: "a list",
    dict: "an object",
    tuple: "a list",
    set: "a list",
    frozenset: "a list",
    datetime.date: "a date such as 2026-03-01",
    datetime.datetime: "a date and time such as 2026-03-01T10:30 or 2026-03-01T10:30+01:00",
    datetime.time: "a time of day such as 10:30",
    datetime.timedelta: "a duration such as 01:30:00 or 2 days",
    Decimal: "a decimal number such as 12.50",
    UUID: "a UUID such as 6c84fb90-12c4-11e1-840d-7b25c5ee775a",
    Path: "a path",
}
LISTS = frozenset({list, set, frozenset}) | LIKE_A_LIST


def in_words(annotation: Any) -> str:
    """Return what a value of the type is, so that "Write ..." can stand before it."""
    words = _in_words(annotation)
    return words if len(words) <= LONGEST_WORDS else words[:LONGEST_WORDS] + " …"


def choices_of(annotation: Any) -> list[Any] | None:
    """Return the JSON values of a Literal or an Enum, None of any other type.

    A member whose value is none of JSON's scalars cannot be given and is left out.
    """
    if typing.get_origin(annotation) is Literal:
        values = [_plain(value) for value in typing.get_args(annotation)]
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        values = [member.value for member in annotation]
    else:
        return None
    return [value for value in values if type(value) in (str, int, float, bool, type(None))]


def value_in_words(value: Any) -> str:
    """Return a value as people read it: JSON, or Python's text where JSON has none."""
    try:
        text = json.dumps(_plain(value), ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= LONGEST_WORDS else text[:LONGEST_WORDS] + " …"


def fields_of(annotation: Any) -> dict[str, Any] | None:
    """Return the fields of a dataclass, model, TypedDict or NamedTuple with their types.

    None of any other type.
    """
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return {field.alias or name: field.annotation for name, field in fields}
    is_named_tuple = isinstance(annotation, type) and hasattr(annotation, "_fields")
    if is_named_tuple or dataclasses.is_dataclass(annotation) or typing.is_typeddict(annotation):
        return _hints(annotation)
    return None


def entry_of(annotation: Any) -> Any | None:
    """Return X of a list of X, or of what JSON has as one; None of any other type."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    is_list = origin in LISTS or (origin is tuple and arguments[1:] == (...,))
    return arguments[0] if is_list else None


def optional_part(annotation: Any) -> Any | None:
    """Return X of `X | None`, None for any other type."""
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return None
    members = [each for each in typing.get_args(annotation) if each is not type(None)]
    is_optional = len(members) < len(typing.get_args(annotation))
    return members[0] if is_optional and len(members) == 1 else None


def _in_words(annotation: Any) -> str:
    choices = choices_of(annotation)
    if choices is not None:
        return _one_of(choices)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _in_words(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_in_words(each) for each in arguments)
    entry = entry_of(annotation)
    if entry is not None:
        return f"a list, each of it {_in_words(entry)}"
    if origin is tuple:
        return "a list of " + " and ".join(_in_words(each) for each in arguments)
    return _of_class(origin or annotation)


def _of_class(annotation: Any) -> str:
    try:
        words = OF_TYPE.get(annotation)
    except TypeError:
        words = None
    if words is not None:
        return words
    fields = fields_of(annotation)
    if fields is not None:
        return "an object with " + ", ".join(
            f"“{name}” ({_in_words(kind)})" for name, kind in fields.items()
        )
    return f"what {getattr(annotation, '__name__', annotation)} is made of"


def _one_of(choices: list[Any]) -> str:
    if not choices:
        return "a value that JSON does not have"
    shown = ", ".join(value_in_words(value) for value in choices[:MOST_CHOICES])
    return f"one of {shown}" + (" …" if len(choices) > MOST_CHOICES else "")


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _hints(annotation: Any) -> dict[str, Any]:
    try:
        hints = typing.get_type_hints(annotation)
    except (NameError, TypeError):
        hints = dict.fromkeys(getattr(annotation, "__annotations__", {}), Any)
    if dataclasses.is_dataclass(annotation):
        return {
            each.name: hints.get(each.name, Any)
            for each in dataclasses.fields(annotation)
            if each.init
        }
    return hints
