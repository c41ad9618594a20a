"""JSON as people write it, read as strictly as beat reads it."""

import json
import re
from typing import Any

from django import forms

from beat.definition.strict_json import STRICT_JSON

# Python refuses to read longer ones (`sys.set_int_max_str_digits`).
MOST_DIGITS = 4_300
# Deeper ones are none that a person has written, and stop what goes through them step by step.
DEEPEST = 50
TOO_DEEP = f"It is nested more than {DEEPEST} deep. Make it flatter."
# Control characters but for the tab and the end of a line; halves of surrogate pairs.
UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def from_json(text: str, example: str) -> Any:
    """Return the value of a JSON text; raises forms.ValidationError with a sentence."""
    try:
        value = STRICT_JSON.decode(text)
        if depth_of(value) <= DEEPEST:
            return value
        sentence = TOO_DEEP
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        sentence = f"This is not valid JSON ({problem.msg}: {where}). Write it as in {example}."
    except RecursionError:
        sentence = TOO_DEEP
    except ValueError as problem:
        sentence = f"This is not valid JSON ({str(problem)[:120]}). Write it as in {example}."
    raise forms.ValidationError(sentence)


def to_json(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON for people; characters that a page cannot show are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if is_showable(text) else json.dumps(value, indent=indent)


def is_showable(text: str) -> bool:
    """Return whether a page can show the text and a browser sends it back as it is."""
    return not any(UNSHOWABLE.match(character) for character in set(text))


def depth_of(value: Any) -> int:
    """Return how deep lists and objects are nested in each other, one more than DEEPEST at most."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        level = [inner for outer in level for inner in _within(outer)]
        depth += bool(level)
    return depth


def _within(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
