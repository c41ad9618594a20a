"""A JSON value that a type would take, as an example for who has to write one."""

import datetime
import typing
from decimal import Decimal
from typing import Any
from uuid import UUID

from beat.arguments.words import choices_of, entry_of, fields_of, optional_part

OF_TYPE: dict[Any, Any] = {
    int: 1,
    float: 2.5,
    str: "text",
    bool: True,
    bytes: "text",
    Decimal: "12.50",
    UUID: "6c84fb90-12c4-11e1-840d-7b25c5ee775a",
    datetime.date: "2026-03-01",
    datetime.datetime: "2026-03-01T10:30",
    datetime.time: "10:30",
    datetime.timedelta: "01:30:00",
    list: [1, 2],
    dict: {"name": "value"},
}
# Structures within structures within structures say enough.
DEEPEST = 3


def example_of(annotation: Any, depth: int = 0) -> Any:
    """Return an example, "…" where there is none."""
    annotation = optional_part(annotation) or annotation
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if depth > DEEPEST:
        return "…"
    if origin in (typing.Annotated, typing.Required, typing.NotRequired):
        return example_of(arguments[0], depth)
    choices = choices_of(annotation)
    if choices is not None:
        return choices[0] if choices else "…"
    entry = entry_of(annotation)
    if entry is not None:
        return [example_of(entry, depth + 1)]
    return _of_structure(annotation, origin, arguments, depth)


def _of_structure(annotation: Any, origin: Any, arguments: Any, depth: int) -> Any:
    if origin is tuple:
        return [example_of(each, depth + 1) for each in arguments]
    if origin is dict:
        key = "1" if arguments[0] is int else "name"
        return {key: example_of(arguments[1], depth + 1)}
    fields = fields_of(annotation)
    if fields is not None:
        return {name: example_of(kind, depth + 1) for name, kind in fields.items()}
    try:
        return OF_TYPE.get(origin or annotation, "…")
    except TypeError:
        return "…"
