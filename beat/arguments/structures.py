"""A dataclass or model of plain fields as an input for each of them; deeper ones stay JSON."""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from beat.arguments.fields import NOT_GIVEN, ArgumentField, field_of
from beat.arguments.fields.base import same
from beat.arguments.fields.single import AnyArgument, JsonArgument
from beat.arguments.posted import PREFIX
from beat.arguments.words import fields_of, optional_part
from jobs.runs.arguments import NO_DEFAULT, Parameter, Signature

COLLECTIONS = (list, dict, set, frozenset, tuple)
# What a factory makes, until it is called.
UNKNOWN: Any = object()


@dataclass(frozen=True)
class Structure:
    """A parameter whose value is an object, and what each of the object's fields takes."""

    parameter: Parameter
    members: tuple[Parameter, ...]

    @cached_property
    def fields(self) -> dict[str, ArgumentField]:
        """Return the inputs by their names within the page."""
        return {self.name_of(member.name): field_of(member) for member in self.members}

    @property
    def is_optional(self) -> bool:
        """Return whether the task takes nothing in its place."""
        return optional_part(self.parameter.annotation) is not None

    @property
    def of_nothing(self) -> Any:
        """Return what it means that nothing is written."""
        return None if self.parameter.is_required and self.is_optional else NOT_GIVEN

    def name_of(self, member: str) -> str:
        """Return the name of a member's input."""
        return f"{PREFIX}{self.parameter.name}.{member}"

    def value_of(self, values: Mapping[str, Any]) -> Any:
        """Return the object that the values of the inputs mean; empty ones are left out.

        Of an object that must be given, an empty input may mean something: nothing, or no entries.
        """
        given = {name: values.get(name, NOT_GIVEN) for name in self.fields}
        if self.parameter.is_required and not self.is_optional:
            is_empty = all(value is NOT_GIVEN for value in given.values())
        else:
            is_empty = all(_is_nothing(given[name], self.fields[name]) for name in given)
        if is_empty:
            return self.of_nothing
        return {
            member.name: given[self.name_of(member.name)]
            for member in self.members
            if given[self.name_of(member.name)] is not NOT_GIVEN
        }

    def texts_of(self, value: Any) -> dict[str, str] | None:
        """Return the texts of the inputs that mean just this value, None when none do."""
        if value is self.of_nothing or value is NOT_GIVEN:
            return dict.fromkeys(self.fields, "")
        if not isinstance(value, dict):
            return None
        texts = {}
        for member in self.members:
            name = self.name_of(member.name)
            inner = value.get(member.name, NOT_GIVEN)
            text = "" if inner is NOT_GIVEN else self.fields[name].shown_exactly(inner)
            if text is None:
                return None
            texts[name] = text
        return texts if same(self._read(texts), value) else None

    def _read(self, texts: Mapping[str, str]) -> Any:
        try:
            return self.value_of({name: self.fields[name].clean(texts[name]) for name in texts})
        except forms.ValidationError:
            return None


def structure_of(parameter: Parameter) -> Structure | None:
    """Return how the parameter is written in several inputs, None where one is right."""
    annotation = optional_part(parameter.annotation) or parameter.annotation
    members = _members(annotation)
    structure = Structure(parameter, tuple(members))
    kinds = (AnyArgument, JsonArgument)
    is_flat = members and not any(isinstance(each, kinds) for each in structure.fields.values())
    return structure if is_flat else None


def structures_of(signature: Signature, names: Collection[str]) -> dict[str, Structure]:
    """Return those of a page with inputs of these names, by their parameters."""
    found = {each.name: structure_of(each) for each in signature.parameters}
    return {
        name: structure
        for name, structure in found.items()
        if structure is not None and structure.fields.keys() <= set(names)
    }


def values_by_name(
    signature: Signature, names: Collection[str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of the parameters from those of a page's inputs of these names."""
    structures = structures_of(signature, names)
    found = {
        each.name: structures[each.name].value_of(values)
        if each.name in structures
        else values.get(PREFIX + each.name, NOT_GIVEN)
        for each in signature.parameters
    }
    return {name: value for name, value in found.items() if value is not NOT_GIVEN}


def place_within(structure: Structure, sentence: str) -> tuple[str, str]:
    """Return the input at which a problem of the object stands, and the sentence there.

    That of the first field when it is about the whole.
    """
    for member in structure.members:
        begin = f"“{member.name}”: "
        if sentence.startswith(begin):
            own = sentence.removeprefix(begin)
            return structure.name_of(member.name), own[:1].upper() + own[1:]
    return next(iter(structure.fields)), sentence


def _members(annotation: Any) -> list[Parameter]:
    """Return the fields of a dataclass or a model as parameters; nothing of any other type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        defaults = {field.alias or name: _default(field) for name, field in fields}
    elif dataclasses.is_dataclass(annotation):
        defaults = {each.name: _default(each) for each in dataclasses.fields(annotation)}
    else:
        return []
    kinds = fields_of(annotation) or {}
    is_known = all(name.isidentifier() and defaults[name] is not UNKNOWN for name in kinds)
    return [Parameter(name, kinds[name], defaults[name]) for name in kinds] if is_known else []


def _default(field: Any) -> Any:
    """Return the default of a dataclass's or a model's field; code of others is not called."""
    made_by = field.default_factory
    if made_by not in (None, dataclasses.MISSING):
        return made_by() if made_by in COLLECTIONS else UNKNOWN
    is_required = field.default in (dataclasses.MISSING, PydanticUndefined)
    return NO_DEFAULT if is_required else field.default


def _is_nothing(value: Any, field: ArgumentField) -> bool:
    if value is NOT_GIVEN or field.of_nothing is NOT_GIVEN:
        return value is field.of_nothing
    return same(value, field.of_nothing)
