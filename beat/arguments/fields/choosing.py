"""Which field a parameter has, by its type."""

import datetime
import typing
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

from beat.arguments.examples import example_of
from beat.arguments.fields.base import NOT_GIVEN, ArgumentField
from beat.arguments.fields.json_texts import to_json
from beat.arguments.fields.lists import LinesArgument
from beat.arguments.fields.single import (
    AnyArgument,
    ChoiceArgument,
    InputArgument,
    JsonArgument,
    NumberArgument,
    TextArgument,
)
from beat.arguments.words import (
    LISTS,
    choices_of,
    entry_of,
    fields_of,
    optional_part,
    value_in_words,
)
from jobs.runs.arguments import Parameter

# What a browser's own input sends and can show.
INPUTS = {
    datetime.date: ("date", r"\d{4}-\d{2}-\d{2}"),
    datetime.time: ("time", r"\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?"),
    datetime.datetime: ("datetime-local", r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?"),
}
TEXTS = (str, bytes, Decimal, UUID, datetime.timedelta)
YES_NO = {"true": "yes", "false": "no"}


def field_of(parameter: Parameter) -> ArgumentField:
    """Return the parameter's field; empty it means its default, or nothing where there is none."""
    inner = optional_part(parameter.annotation)
    field = _field(_bare(parameter.annotation if inner is None else inner))
    if parameter.is_required:
        field.of_nothing = _nothing(field, is_optional=inner is not None)
    field.required = parameter.is_required and field.of_nothing is NOT_GIVEN
    _show_default(field, parameter)
    return field


def _nothing(field: ArgumentField, *, is_optional: bool) -> Any:
    if is_optional:
        return None
    return [] if isinstance(field, LinesArgument) else NOT_GIVEN


def _bare(annotation: Any) -> Any:
    """Return the type without what Annotated adds."""
    if typing.get_origin(annotation) is typing.Annotated:
        return typing.get_args(annotation)[0]
    return annotation


def _field(annotation: Any) -> ArgumentField:
    if annotation is bool:
        return ChoiceArgument(values=[True, False], words=YES_NO)
    choices = choices_of(annotation)
    if choices is not None:
        return ChoiceArgument(values=choices)
    single = _single(annotation)
    if single is not None:
        return single
    entry_type = entry_of(annotation)
    if entry_type is not None:
        entry = _single(_bare(entry_type))
        if entry is not None:
            return LinesArgument(entry=entry)
    return _structure(annotation, typing.get_origin(annotation))


def _single(annotation: Any) -> ArgumentField | None:
    """Return the field of one plain value, None where the type holds several."""
    if annotation in (int, float):
        return NumberArgument(is_whole=annotation is int)
    if annotation in INPUTS:
        input_type, pattern = INPUTS[annotation]
        return InputArgument(input_type=input_type, pattern=pattern)
    if isinstance(annotation, type) and annotation in TEXTS:
        return TextArgument()
    return None


def _structure(annotation: Any, origin: Any) -> ArgumentField:
    kind = origin or annotation
    if fields_of(annotation) is None and kind not in (dict, tuple, *LISTS):
        return AnyArgument()
    return JsonArgument(example=to_json(example_of(annotation)))


def _show_default(field: ArgumentField, parameter: Parameter) -> None:
    if parameter.is_required or parameter.annotation is NoneType:
        return
    default = parameter.default
    words = "default: nothing" if default is None else f"default: {_default_in_words(default)}"
    # Which browsers do not show in their own inputs.
    if isinstance(field, InputArgument):
        field.help_text = f"Empty: {_default_in_words(default)}." if default is not None else ""
    if isinstance(field, ChoiceArgument):
        field.say_nothing(words)
    else:
        field.widget.attrs["placeholder"] = words


def _default_in_words(default: Any) -> str:
    if isinstance(default, bool):
        return YES_NO[value_in_words(default)]
    if isinstance(default, list | tuple | set | frozenset | dict) and not default:
        return "nothing"
    is_said_as_it_is = isinstance(default, (str, *INPUTS, *TEXTS)) and default != ""
    return str(default) if is_said_as_it_is else value_in_words(default)
