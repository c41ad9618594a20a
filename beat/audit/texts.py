"""The columns of a row as readable text."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

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


class Column(NamedTuple):
    """A column of a model, its readable name, and what makes text of its value."""

    column: str
    name: str
    text: Callable[[Any], str]


@lru_cache
def columns_of(model: type[Model], left_out: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    """Return the model's columns but for those that are left out.

    Remembered: Django translates a name whenever it is asked for it, which costs more than all
    else here. So a trail has one language, whoever did it.
    """
    return tuple(
        Column(field.name, _name(field), _text_of(field))
        for field in model._meta.concrete_fields  # noqa: SLF001  # documented
        if field.name not in left_out
    )


def values_of_row(row: Model, left_out: Collection[str] = ()) -> dict[str, str]:
    """Return the row's columns by their readable names, without those that are left out."""
    columns = columns_of(type(row), frozenset(left_out))
    return {name: text(getattr(row, column)) for column, name, text in columns}


def _name(field: "Field[Any, Any]") -> str:
    return NAMES.get(field.name) or str(field.verbose_name).lower()


def _text_of(field: "Field[Any, Any]") -> Callable[[Any], str]:
    """Return what puts a column's value in words: a choice is told by its label."""
    choices = {
        code: str(label)
        for code, label in (WORDS.get(field.name) or dict(field.flatchoices)).items()
    }

    def text(value: Any) -> str:
        return choices[value] if choices and value in choices else plain_text(value)

    return text


def plain_text(value: Any) -> str:
    """Return a value in words: an instant in the site's zone, nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value)
    return str(value)


def instant(value: datetime) -> str:
    """Return an instant with its offset, so that no two are written alike."""
    return timezone.localtime(value).isoformat(sep=" ")
