"""A file of schedules, written."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from beat.as_code.schedule_text import FIELDS, NOTHING_SAID, ScheduleText
from beat.as_code.when import text_of_instant, words_of_rule
from beat.as_code.yaml_nodes import dump

HEADING = """\
# Schedules as code: `manage.py schedules sync FILE` makes the database say what stands here.
# docs/schedules-as-code.md explains each field.
"""


def written(texts: Iterable[ScheduleText], notes: Sequence[str] = ()) -> str:
    """Return the file of these schedules in this order, with notes at its top."""
    bodies = [entry(text) for text in texts]
    head = HEADING + comment("\n".join(notes))
    return f"{head}\nschedules:\n" + "\n".join(bodies) if bodies else f"{head}\nschedules: {{}}\n"


def entry(text: ScheduleText) -> str:
    """Return one schedule as it stands below "schedules:"."""
    return _indented(dump({text.key: words_of(text)}))


def words_of(text: ScheduleText) -> dict[str, Any]:
    """Return what a file says of a schedule; what has its default is left out."""
    words = {}
    for name in FIELDS:
        value = getattr(text, name)
        if name == "when":
            words[name] = words_of_rule(value)
        elif value != getattr(NOTHING_SAID, name) and not _is_implied(text, name):
            words[name] = _word(value)
    return words


def comment(text: str) -> str:
    """Return a text as lines of comment."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def _is_implied(text: ScheduleText, name: str) -> bool:
    return (name == "name" and text.name == text.key) or (
        name == "one_off" and text.when["kind"] == "clocked"
    )


def _word(value: Any) -> Any:
    if isinstance(value, datetime):
        return text_of_instant(value)
    return list(value) if isinstance(value, tuple) else value


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))
