"""The policy of a schedule, between a file's words and the columns of its row."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.db.models import BooleanField, Field, ForeignKey, IntegerField

from beat.as_code.problems import WrongValueError
from beat.models import Policy

# A pause is operating: whoever paused a schedule does not want a file to resume it.
NOT_SAID = frozenset({"schedule", "is_paused", "paused_at", "paused_until", "pause_reason"})
COLUMNS: "dict[str, Field[Any, Any]]" = {
    column.name: column
    for column in Policy._meta.concrete_fields  # noqa: SLF001 -- documented by Django
    if column.name not in NOT_SAID
}
# Columns of several lines, which a file has as lists: what a line is.
LISTS = {
    "retry_on": "names of exceptions, such as [OSError]",
    "alert_to": "e-mail addresses, such as [ops@example.org]",
}
DEFAULTS: dict[str, Any] = {
    name: [] if name in LISTS else column.get_default() for name, column in COLUMNS.items()
}


def policy_of_words(words: Any) -> dict[str, Any]:
    """Return what differs from the defaults; raises WrongValueError with a sentence."""
    if not isinstance(words, Mapping):
        raise WrongValueError("Write names and values, such as {overlap: allow, max_attempts: 3}.")
    said = {name: _checked(name, value) for name, value in words.items()}
    return _differing(said)


def policy_of_row(policy: Policy | None) -> dict[str, Any]:
    """Return what differs from the defaults; the calendar by name."""
    if policy is None:
        return {}
    values = {name: getattr(policy, name) for name in COLUMNS}
    values["calendar"] = policy.calendar.name if policy.calendar is not None else None
    for name in LISTS:
        values[name] = [line for each in values[name].splitlines() if (line := each.strip())]
    return _differing(values)


def columns_of_policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return all the columns that a file decides, with the calendar still by its name."""
    values = DEFAULTS | dict(policy)
    return values | {name: "\n".join(values[name]) for name in LISTS}


def _differing(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not the defaults, in the order of the columns."""
    return {
        name: values[name] for name in COLUMNS if name in values and values[name] != DEFAULTS[name]
    }


def _checked(name: str, value: Any) -> Any:
    column = COLUMNS.get(name)
    if column is None:
        raise WrongValueError(_unknown(name))
    if value is None and column.null:
        return None
    if name in LISTS:
        return _lines(name, value)
    if isinstance(column, BooleanField):
        if not isinstance(value, bool):
            raise WrongValueError(f"{name} is {value!r}; write true or false.")
        return value
    if isinstance(column, IntegerField):
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongValueError(f"{name} is {value!r}; write a whole number.")
        return value
    if not isinstance(value, str):
        example = "the calendar's name" if isinstance(column, ForeignKey) else "a word"
        raise WrongValueError(f"{name} is {value!r}; write {example}.")
    return value


def _lines(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise WrongValueError(f"{name} is a list of {LISTS[name]}.")
    lines = [line.strip() for line in value]
    if any(not line or len(line.splitlines()) > 1 for line in lines):
        raise WrongValueError(f"An entry of {name} is empty, or has several lines.")
    return lines


def _unknown(name: str) -> str:
    if name in NOT_SAID:
        return (
            f"{name} is no part of a file: pause and resume with `manage.py schedules`, or in "
            "the admin."
        )
    near = get_close_matches(name, COLUMNS, 1)
    meant = f"perhaps {near[0]!r}" if near else f"write one of {', '.join(COLUMNS)}"
    return f"{name!r} is unknown; {meant}."
