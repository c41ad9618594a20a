"""What Pydantic refuses of a value, in our words."""

from types import UnionType
from typing import Any, Union, get_origin

from beat.arguments.words import in_words, optional_part

MOST = 3
# What these say is better said by the type of the whole value.
OF_KIND = ("_type", "_parsing", "_from_datetime_inexact", "_exact_type", "_attributes_type")
WRITE: dict[str, str] = {
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "bool_type": "write true or false",
    "string_type": "write a text",
    "list_type": "write a list",
    "dict_type": "write an object",
    "missing": "it is missing",
    "missing_argument": "it is missing",
    "missing_keyword_only_argument": "it is missing",
    "extra_forbidden": "it is not known; remove it",
    "unexpected_keyword_argument": "it is not known; remove it",
    "date_type": "write a date such as 2026-03-01",
    "date_parsing": "write a date such as 2026-03-01",
    "datetime_type": "write a date and time such as 2026-03-01T10:30",
    "datetime_parsing": "write a date and time such as 2026-03-01T10:30",
    "time_type": "write a time of day such as 10:30",
    "time_parsing": "write a time of day such as 10:30",
    "time_delta_type": "write a duration such as 01:30:00",
    "time_delta_parsing": "write a duration such as 01:30:00",
}
NOT_IN_JSON = frozenset(
    {"needs_python_object", "is_instance_of", "callable_type", "is_type", "is_subclass_of"}
)


def refusals(annotation: Any, errors: list[Any]) -> list[str]:
    """Return at most MOST sentences for the errors of one value, the whole's before its parts'."""
    words = in_words(optional_part(annotation) or annotation)
    if any(error["type"] in NOT_IN_JSON for error in errors) and not _is_inside(errors):
        return [f"It needs {words}, and JSON has no such value. Leave it empty."]
    whole = f"Write {words}."
    if len(errors) > 1 and _is_one_of_several(annotation):
        return [whole]  # Each type's own complaint would stand there.
    sentences = [whole if _is_about_whole(error) else _of_part(error) for error in errors]
    return list(dict.fromkeys(sentences))[:MOST]


def _is_one_of_several(annotation: Any) -> bool:
    is_union = get_origin(annotation) in (Union, UnionType)
    return is_union and optional_part(annotation) is None


def _is_inside(errors: list[Any]) -> bool:
    return all(error["loc"] for error in errors)


def _is_about_whole(error: Any) -> bool:
    kind = error["type"]
    is_of_kind = kind.endswith(OF_KIND) or kind in ("enum", "literal_error", *NOT_IN_JSON)
    return is_of_kind and not _path(error["loc"])


def _of_part(error: Any) -> str:
    text = WRITE.get(error["type"]) or error["msg"].replace("Input", "the value", 1)
    path = _path(error["loc"])
    text = f"{path}: {text}" if path else text
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _path(location: tuple[Any, ...]) -> str:
    """Return where in the value, as people count: "entry 2, “day”"."""
    parts = [f"entry {part + 1}" if isinstance(part, int) else f"“{part}”" for part in location]
    return ", ".join(part[:80] for part in parts)
