"""Whether a version's mails wait for its owner's word. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from jobs.reports.delivery.measured import Measured, named, written

# With fewer weeks nobody can tell what is usual.
FEWEST_COMPARED = 3
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Rule:
    """When a report is held; `far_percent` None: never for being far from what is usual."""

    holds_empty: bool = True
    figure: str = ""
    far_percent: int | None = None
    weeks_compared: int = 8


def why_held(rule: Rule, day: date, now: Measured, history: Mapping[date, Measured]) -> str:
    """Return why the version due on `day` is held, as a sentence; "" when it is not.

    `history` are the numbers of the versions before it by the local days on which they were due.
    """
    if rule.holds_empty and now.is_empty:
        return "It is empty."
    number = now.number(rule.figure)
    if rule.far_percent is None or number is None:
        return ""
    compared = _same_weekday(rule, day, history)
    if len(compared) < FEWEST_COMPARED:
        return ""
    return _far(rule, day, number, compared)


def _same_weekday(rule: Rule, day: date, history: Mapping[date, Measured]) -> list[float]:
    days = [day - WEEK * weeks for weeks in range(1, rule.weeks_compared + 1)]
    numbers = (history[one].number(rule.figure) for one in days if one in history)
    return [number for number in numbers if number is not None]


def _far(rule: Rule, day: date, number: float, compared: Sequence[float]) -> str:
    usual = median(compared)
    allowed = abs(usual) * (rule.far_percent or 0) / 100
    if abs(number - usual) <= allowed:
        return ""
    return (
        f"{named(rule.figure)} is {written(number)}; the median of {len(compared)} earlier "
        f"{day:%A}s is {written(usual)}, and more than {rule.far_percent} % from it is held."
    )
