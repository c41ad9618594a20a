"""What differs between two texts of a schedule, field by field and in words."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from beat.as_code.schedule_text import FIELDS, ScheduleText
from beat.as_code.unsaved_row import unsaved_row
from beat.as_code.when import text_of_instant, words_of_rule
from beat.editing.words import rule_in_words

LONGEST = 200
# What decides when a one-off is due.
TIMING = frozenset({"when", "starts_at"})


def differing(before: ScheduleText, after: ScheduleText) -> list[str]:
    """Return the names of the fields that a sync would write.

    A one-off that is done was disabled by beat. It stays so while nothing is said about when:
    else every sync would run it again.
    """
    names = [name for name in FIELDS if not is_same(getattr(before, name), getattr(after, name))]
    is_done = after.one_off and before.one_off and not before.enabled and after.enabled
    if is_done and not TIMING.intersection(names):
        names.remove("enabled")
    return names


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are written alike: 1, 1.0 and true are not."""
    return _canonical(one) == _canonical(other)


def in_words(before: ScheduleText, after: ScheduleText, names: list[str]) -> list[str]:
    """Return a line for each field: what it was and what it becomes."""
    return [f"{name}: {shown(before, name)} → {shown(after, name)}" for name in names]


def shown(text: ScheduleText, name: str) -> str:
    """Return a field's value on one line; the rule with its words."""
    if name == "when":
        words = words_of_rule(text.when)
        [first, *_] = words.values()
        return f"{_json(first)} ({rule_in_words(unsaved_row(text))})"
    value = getattr(text, name)
    if value is None or value == "":
        return "none"
    if isinstance(value, datetime):
        return text_of_instant(value)
    return _short(_json(value))


def _canonical(value: Any) -> str:
    return json.dumps(value, default=_plain, sort_keys=True)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return text_of_instant(value)
    if isinstance(value, Decimal):
        # The columns have six places, whatever was written.
        return str(value.quantize(Decimal("0.000001")))
    raise TypeError(f"{type(value)} is no value of a schedule")


def _json(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
