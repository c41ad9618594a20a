"""The five fields of a crontab line, read as Celery reads them.

The grammar is that of `celery.schedules.crontab_parser` (Celery 5.7), its leniencies included:
what it accepts is accepted here and means the same. Beyond it, 7 is Sunday in the day-of-week
field, where Celery raises an error when the schedule is used.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from beat.occurrences.rules import RuleError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
NAMES = {name: number for number, name in enumerate(WEEKDAYS)} | {
    name: number for number, name in enumerate(MONTHS, start=1)
}

# Celery matches from the start of a part and ignores what follows; so do these.
RANGE_WITH_STEP = re.compile(r"(\w+?)-(\w+)/(\w+)?")
RANGE = re.compile(r"(\w+?)-(\w+)")
STAR = re.compile(r"\*$")
STAR_WITH_STEP = re.compile(r"\*/(\w+)?")


class CrontabError(RuleError):
    """A crontab line that cannot be read, or that can never be due; says which field and why."""


@dataclass(frozen=True)
class Field:
    """A field's name for messages and its smallest and largest number."""

    name: str
    smallest: int
    largest: int


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY_OF_MONTH = Field("day of month", 1, 31)
MONTH = Field("month", 1, 12)
DAY_OF_WEEK = Field("day of week", 0, 6)
DAY_OF_WEEK_WITH_SEVEN = Field("day of week", 0, 7)


@lru_cache(maxsize=4096)
def numbers_of(field: Field, text: str) -> frozenset[int]:
    """Return the numbers that `text` stands for in `field`; raises CrontabError."""
    found: set[int] = set()
    for part in text.split(","):
        found.update(_numbers_of_part(field, part))
    return frozenset(found)


def _numbers_of_part(field: Field, part: str) -> list[int]:
    try:
        return _expanded(field, part)
    except CrontabError:
        if field is not DAY_OF_WEEK:
            raise
        # Only what Celery refuses is read with 7 as a number: "5-2/2" keeps Celery's meaning.
        return [number % 7 for number in _expanded(DAY_OF_WEEK_WITH_SEVEN, part)]


def _expanded(field: Field, part: str) -> list[int]:
    if not part:
        raise CrontabError(f"The {field.name} has an empty part; write a number between commas.")
    if match := RANGE_WITH_STEP.match(part):
        first, last, step = match.groups()
        return _every(field, _range(field, first, last), step)
    if match := RANGE.match(part):
        return _range(field, *match.groups())
    if match := STAR_WITH_STEP.match(part):
        return _every(field, list(range(field.smallest, field.largest + 1)), match[1])
    if STAR.match(part):
        return list(range(field.smallest, field.largest + 1))
    return [_number(field, part)]


def _range(field: Field, first_text: str, last_text: str) -> list[int]:
    first, last = _number(field, first_text), _number(field, last_text)
    if last >= first:
        return list(range(first, last + 1))
    # "22-4" goes over the end: 22, 23, 0, ... 4.
    return [*range(first, field.largest + 1), *range(field.smallest, last + 1)]


def _every(field: Field, numbers: list[int], step_text: str | None) -> list[int]:
    try:
        step = int(step_text or "")
    except ValueError:
        step = 0
    if step < 1:
        raise CrontabError(f"The {field.name} has no number after '/'; write a step such as */5.")
    return numbers[::step]


def _number(field: Field, text: str) -> int:
    if text.startswith("-"):
        raise CrontabError(f"The {field.name} {text!r} is negative; write a number or a name.")
    try:
        number = int(text)
    except ValueError:
        # As Celery does, three letters decide, and months and weekdays are known in every field.
        known = NAMES.get(text[:3].lower())
        if known is None:
            raise CrontabError(f"The {field.name} {text!r} is not a number or a name.") from None
        number = known
    if not field.smallest <= number <= field.largest:
        raise CrontabError(
            f"The {field.name} {text!r} is outside {field.smallest} to {field.largest}."
        )
    return number
