"""The fields of a task's arguments: one for each parameter, and two for what else is given."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, repeat
from typing import Any

from beat.arguments.calls import ARGS, KWARGS
from beat.arguments.fields import NOT_GIVEN, ArgumentField, field_of
from beat.arguments.fields.lists import LinesArgument
from beat.arguments.fields.single import (
    AnyArgument,
    ChoiceArgument,
    InputArgument,
    JsonArgument,
    TextArgument,
)
from beat.arguments.posted import MORE_NAMES, PREFIX
from beat.arguments.spreading import Spread
from beat.arguments.structures import Structure, structure_of
from beat.arguments.words import entry_of, in_words, optional_part
from jobs.runs.arguments import Parameter, Signature

NOT_TAKEN = {
    ARGS: "Values that the task does not take. Empty this field.",
    KWARGS: "Arguments that the task does not take. Remove them.",
}
AS_JSON = {ARGS: "JSON, such as [1, 2].", KWARGS: 'JSON, such as {"name": "value"}.'}


def parameter_fields(
    signature: Signature, values: Spread, as_any: Collection[str], posted: Collection[str]
) -> Iterator[tuple[str, ArgumentField, str]]:
    """Yield the name of each field within the page, the field, and the text that it shows.

    A value that does not fit into its parameter's own field has one for any value; so have those
    of `as_any`, in which such a value was posted. `posted` are all names that were.
    """
    for parameter in signature.parameters:
        name = PREFIX + parameter.name
        value = values.by_name.get(parameter.name, NOT_GIVEN)
        structure = structure_of(parameter) if name not in posted else None
        texts = structure.texts_of(value) if structure is not None else None
        if structure is not None and texts is not None:
            yield from _fields_of_structure(structure, texts)
            continue
        field, text = _fitting(field_of(parameter), value, is_any=name in as_any)
        field.label = _label(parameter)
        field.help_text = _help(parameter, field)
        yield name, field, text
    for which, value in ((ARGS, values.more_positional), (KWARGS, values.more_by_name)):
        name = MORE_NAMES[which]
        taker = signature.more_positional if which == ARGS else signature.more_by_name
        if taker is not None or value or name in posted:
            own = _field_of_more(which, taker)
            field, text = _fitting(
                own, value or NOT_GIVEN, is_any=name in as_any, other=_json_of_more(which)
            )
            yield name, field, text


def _fields_of_structure(
    structure: Structure, texts: Mapping[str, str]
) -> Iterator[tuple[str, ArgumentField, str]]:
    """Yield an input for each field of an object; its description stands at the first."""
    descriptions = chain([structure.parameter.description], repeat(""))
    for member, description in zip(structure.members, descriptions, strict=False):
        name = structure.name_of(member.name)
        field = structure.fields[name]
        field.label = f"{_label(structure.parameter)}: {_label(member).lower()}"
        field.help_text = " ".join(filter(None, [description, _how_to_write(member, field)]))
        field.required = field.required and structure.parameter.is_required
        yield name, field, texts[name]


def _label(parameter: Parameter) -> str:
    return parameter.name.replace("_", " ").strip().capitalize() or parameter.name


def _fitting(
    field: ArgumentField, value: Any, *, is_any: bool, other: ArgumentField | None = None
) -> tuple[ArgumentField, str]:
    """Return the field, or the other one that takes any value, and the text that means it."""
    text = "" if value is NOT_GIVEN else field.shown_exactly(value)
    if text is not None and not is_any:
        return field, text
    other = other or AnyArgument()
    other.of_nothing, other.required = field.of_nothing, field.required
    other.label, other.help_text = field.label, field.help_text
    return other, "" if value is NOT_GIVEN else other.shown_exactly(value) or ""


def _json_of_more(which: str) -> JsonArgument:
    kind, example = (list, "[1, 2]") if which == ARGS else (dict, '{"name": "value"}')
    return JsonArgument(example=example, kind=kind)


def _field_of_more(which: str, parameter: Parameter | None) -> ArgumentField:
    field: ArgumentField
    if which == KWARGS or parameter is None:
        field = _json_of_more(which)
    else:
        many = Parameter(parameter.name, list[parameter.annotation], default=[])  # type: ignore[name-defined]
        field = field_of(many)
        field.widget.attrs.pop("placeholder", None)
        if isinstance(field, JsonArgument):
            field = _json_of_more(which)
    field.required = False
    if parameter is None:
        field.label = "Not taken"
        field.help_text = NOT_TAKEN[which]
    else:
        field.label = f"Further {'values' if which == ARGS else 'arguments'}"
        how = AS_JSON[which] if isinstance(field, JsonArgument) else "One on each line."
        field.help_text = " ".join(filter(None, [parameter.description, how]))
    return field


def _help(parameter: Parameter, field: ArgumentField) -> str:
    """Return the description of the parameter, and what to write where that is not plain to see."""
    return " ".join(filter(None, [parameter.description, _how_to_write(parameter, field)]))


def _how_to_write(parameter: Parameter, field: ArgumentField) -> str:
    if parameter.unreadable:
        return f"Its type “{parameter.unreadable}” is not known here, so nothing checks it."
    words = in_words(optional_part(parameter.annotation) or parameter.annotation)
    if isinstance(field, LinesArgument):
        entry = field.entry
        each = "" if type(entry) is TextArgument else f": {in_words(_entry_type(parameter))}"
        return f"One on each line{each}."
    if isinstance(field, InputArgument):
        return str(field.help_text)
    if isinstance(field, JsonArgument):
        return f"JSON, such as {field.example}"
    if isinstance(field, AnyArgument) and words == in_words(Any):
        return "A text, or JSON: 5, true, [1, 2]."
    is_plain_to_see = isinstance(field, ChoiceArgument) or words == in_words(str)
    return "" if is_plain_to_see else f"{words[:1].upper()}{words[1:]}."


def _entry_type(parameter: Parameter) -> Any:
    return entry_of(optional_part(parameter.annotation) or parameter.annotation)
