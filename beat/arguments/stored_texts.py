"""Arguments as a schedule's columns hold them: JSON texts, or whatever somebody wrote there."""

from collections.abc import Mapping
from typing import Any

from django import forms

from beat.arguments.calls import ARGS, KWARGS
from beat.arguments.fields.json_texts import from_json, to_json
from beat.arguments.posted import MORE_NAMES, PREFIX

EMPTY = ("[]", "{}")


def read_stored(texts: tuple[str, str]) -> tuple[list[Any], dict[str, Any]] | None:
    """Return stored arguments, None when they are no JSON of the right kinds."""
    try:
        args, kwargs = (
            from_json(text or empty, empty) for text, empty in zip(texts, EMPTY, strict=True)
        )
    except forms.ValidationError:
        return None
    return (args, kwargs) if type(args) is list and type(kwargs) is dict else None


def pretty(text: str) -> str:
    """Return a JSON text on several lines; one that is none, or empty, as it is."""
    try:
        value = from_json(text, "")
    except forms.ValidationError:
        return text
    return to_json(value, indent=2) if value else ""


def unread(name: str, text: str) -> Any:
    """Return what keeps a text that cannot be read for people to see, as a value of its field."""
    if name == MORE_NAMES[ARGS]:
        return [text]
    return {"unreadable": text} if name == MORE_NAMES[KWARGS] else text


def as_texts(posted: Mapping[str, Any]) -> dict[str, str]:
    """Return what was written into the fields of parameters whose task is not known any more."""
    return {
        name.removeprefix(PREFIX): str(text)
        for name, text in posted.items()
        if name.startswith(PREFIX) and text
    }
