"""The fields of a schedule in a file, one reader each: JSON's values in, ScheduleText's out."""

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from beat.as_code.policy_words import policy_of_words
from beat.as_code.problems import WrongValueError
from beat.as_code.schedule_text import FIELDS
from beat.as_code.when import instant_of, rule_of_words

# PostgreSQL's columns hold no zero character, and neither database half a character.
IMPOSSIBLE = "\x00"


def reader_of(name: str, default_zone: str) -> Callable[[Any], Any]:
    """Return what reads a field and raises WrongValueError with a sentence, as this does too."""
    if name == "when":
        return lambda value: rule_of_words(value, default_zone)
    if name in READERS:
        return READERS[name]
    near = get_close_matches(name, FIELDS, 1)
    meant = f"perhaps {near[0]!r}" if near else f"known are {', '.join(FIELDS)}"
    raise WrongValueError(f"{name!r} is unknown; {meant}.")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValueError(f'{value!r} is no text; write it in quotes: "{value}".')
    if IMPOSSIBLE in value or _has_half(value):
        raise WrongValueError("It holds a character that no database keeps.")
    return value


def _has_half(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _name(value: Any) -> str:
    text = _text(value)
    if not text.strip():
        raise WrongValueError("It is empty.")
    return text


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise WrongValueError("Write a list, such as [1, 2].")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongValueError("Write names and values, such as {report: run-history}.")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError(f"It is {value!r}; write true or false.")
    return value


def _whole(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise WrongValueError(f"It is {value!r}; write a whole number.")
    return value


def _instant(value: Any) -> datetime | None:
    return None if value is None else instant_of(value)


def _tags(value: Any) -> tuple[str, ...]:
    names = {_name(name).strip() for name in _list(value)}
    if any(len(name) > 50 for name in names):
        raise WrongValueError("A tag is longer than 50 characters.")
    return tuple(sorted(names))


READERS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "task": _name,
    "description": _text,
    "args": _list,
    "kwargs": _mapping,
    "enabled": _boolean,
    "one_off": _boolean,
    "starts_at": _instant,
    "expires_at": _instant,
    "runs_expire_after_seconds": _whole,
    "queue": _text,
    "exchange": _text,
    "routing_key": _text,
    "priority": _whole,
    "headers": _mapping,
    "policy": policy_of_words,
    "owner": _text,
    "tags": _tags,
}
