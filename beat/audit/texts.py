"""The columns of a row as readable text."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Field, Model
from django.utils import timezone

from beat.forms.policy_words import CHOICES

# Where the model's own name of a column says too little or too much.
NAMES = {
    "task": "task",
    "args": "arguments",
    "kwargs": "named arguments",
    "queue": "queue",
    "headers": "headers",
    "expires": "not run after",
    "expire_seconds": "not run later than seconds",
    "one_off": "only once",
    "start_time": "starts at",
    "is_paused": "paused",
    "in_gap": "a time that is left out",
    "repeated": "a time that occurs twice",
}
# Codes for which the form has words of its own.
WORDS = {name: dict(choices) for name, choices in CHOICES.items()}


def values_of_row(row: Model, left_out: Collection[str] = ()) -> dict[str, str]:
    """Return the row's columns by their readable names, without those that are left out."""
    return {
        _name(field): _text(row, field)
        for field in row._meta.concrete_fields  # noqa: SLF001  # documented
        if field.name not in left_out
    }


def _name(field: "Field[Any, Any]") -> str:
    return NAMES.get(field.name) or str(field.verbose_name).lower()


def _text(row: Model, field: "Field[Any, Any]") -> str:
    """Return a column's value in words: a choice by its label, an instant in the site's zone."""
    value = getattr(row, field.name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value)
    choices = WORDS.get(field.name) or dict(field.flatchoices)
    return str(choices.get(value, value))


def instant(value: datetime) -> str:
    """Return an instant with its offset, so that no two are written alike."""
    return timezone.localtime(value).isoformat(sep=" ")
