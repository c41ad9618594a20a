"""How far a task is, made fit to be kept. Pure."""

import math
from typing import TypedDict

from jobs.runs.texts import storable

TEXT_LENGTH = 200
LARGEST = 10**15

Number = int | float


class Progress(TypedDict):
    """What a task reported last; `total` is None where it does not know."""

    done: Number
    total: Number | None
    text: str


def progress(done: object, total: object = None, text: object = "") -> Progress:
    """Return the progress clipped to sense: 0 <= done <= total, and a short text.

    Never raises: a wrong number must not end a task that does its work. What is no number counts
    as 0, as a total as unknown.
    """
    all_of_it = _number(total) or None
    so_far = _number(done) or 0
    if all_of_it is not None:
        so_far = min(so_far, all_of_it)
    return Progress(done=so_far, total=all_of_it, text=_short(text))


def _number(value: object) -> Number | None:
    if not isinstance(value, int | float) or (isinstance(value, float) and math.isnan(value)):
        return None
    number = min(max(value, 0), LARGEST)
    return int(number) if number == int(number) else float(number)


def _short(text: object) -> str:
    try:
        return " ".join(storable(str(text))[: TEXT_LENGTH * 2].split())[:TEXT_LENGTH]
    except Exception:  # noqa: BLE001 (whatever an object of a task's own may raise)
        return ""
