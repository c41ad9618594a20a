"""What an annotation makes of a JSON value.

By Pydantic's strict rules for JSON (2.14, "Conversion Table"): a text is no number and 1 is not
true, but "2026-03-01" is a date, a list a tuple, an object a dataclass, "red" the enum's member
of this value.
"""

import json
import sys
import types
import typing
from collections import abc
from typing import Any

import typing_extensions
from pydantic import ConfigDict, TypeAdapter, ValidationError

PLAIN = frozenset({int, float, str, bool, type(None), Any, object, list, dict})
UNIONS = frozenset({typing.Union, types.UnionType})
PLAIN_ORIGINS = UNIONS | {list}
COLLECTIONS = frozenset({list, set, frozenset, tuple, dict})
# Pydantic reads these as it goes through them, and would hand over something unchecked.
LIKE_A_LIST = frozenset(
    {abc.Iterable, abc.Iterator, abc.Collection, abc.Sequence, abc.MutableSequence, abc.Generator}
)


class DoesNotFitError(ValueError):
    """A value is not of the annotation; `errors` says where and why, as Pydantic tells it."""

    def __init__(self, errors: list[Any]) -> None:
        super().__init__(f"{len(errors)} problems")
        self.errors = errors


class Fitting:
    """What one annotation makes of values.

    `is_plain`: what JSON gives is what the annotation means, and nothing has to be made of it.
    `is_checked`: False for a type that Pydantic cannot read; then every value fits.
    """

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self.is_plain = is_plain(annotation)
        self._adapter = _adapter(annotation)
        self.is_checked = self._adapter is not None

    def fit(self, value: Any) -> Any:
        """Return what the task gets; raises DoesNotFitError.

        `value` is as a message holds it: of JSON's types, or one that Celery's serialiser keeps
        as it is, such as a date. A validator of a model may raise whatever it likes.
        """
        if self._adapter is None:
            return value
        try:
            made = self._made(self._adapter, value)
        except ValidationError as problem:
            raise DoesNotFitError(problem.errors(include_url=False, include_input=False)) from None
        return value if self.is_plain else made

    def _made(self, adapter: TypeAdapter[Any], value: Any) -> Any:
        try:
            text = json.dumps(value)
        except (TypeError, ValueError):
            return adapter.validate_python(value, strict=True)
        return adapter.validate_json(text, strict=True)


def is_plain(annotation: Any) -> bool:
    """Return whether values of this type come out of JSON as they are."""
    if annotation is None or _is_one_of(annotation, PLAIN):
        return True
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is dict:
        return arguments[0] is str and is_plain(arguments[1])
    return origin in PLAIN_ORIGINS and all(map(is_plain, arguments))


def _is_one_of(annotation: Any, known: frozenset[Any]) -> bool:
    try:
        return annotation in known
    except TypeError:  # Annotated with what has no hash.
        return False


def _readable(annotation: Any) -> Any:
    """Return the annotation as Pydantic reads it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in LIKE_A_LIST or _is_one_of(annotation, LIKE_A_LIST):
        return list[_readable(arguments[0])] if arguments else list  # type: ignore[misc]
    if origin is typing.Annotated:
        return typing.Annotated[(_readable(arguments[0]), *annotation.__metadata__)]
    if origin in UNIONS:
        return typing.Union[tuple(map(_readable, arguments))]  # noqa: UP007 -- made at run time
    if origin in COLLECTIONS:
        return origin[tuple(map(_readable, arguments))]
    # Before 3.12 the standard library's does not say all that Pydantic needs.
    if sys.version_info < (3, 12) and typing.is_typeddict(annotation):
        return _typed_dict(annotation)
    return annotation


def _typed_dict(annotation: Any) -> Any:
    fields = {}
    for name, hint in typing.get_type_hints(annotation, include_extras=True).items():
        is_marked = typing.get_origin(hint) in (typing.Required, typing.NotRequired)
        kind = _readable(typing.get_args(hint)[0] if is_marked else hint)
        is_optional = name in annotation.__optional_keys__
        fields[name] = typing_extensions.NotRequired[kind] if is_optional else kind
    return typing_extensions.TypedDict(annotation.__name__, fields)  # type: ignore[operator]


def _adapter(annotation: Any) -> TypeAdapter[Any] | None:
    """Return what checks the type; a class that Pydantic does not know takes its instances only.

    None when neither can be made. A type may run code of its own here and raise anything.
    """
    try:
        return TypeAdapter(_readable(annotation))
    except Exception:  # noqa: BLE001 -- as said above
        instances: Any = ConfigDict(arbitrary_types_allowed=True)
    try:
        return TypeAdapter(_readable(annotation), config=instances)
    except Exception:  # noqa: BLE001 -- as said above
        return None
