"""Whether a subscriber wants this version: "only if not empty", "only if a figure ...". Pure."""

from enum import StrEnum
from typing import Any

from jobs.reports.delivery.measured import Measured, named, written


class Is(StrEnum):
    """How a number is compared."""

    ABOVE = "above"
    BELOW = "below"
    EQUAL = "equal"
    CHANGED = "changed"


def why_not_wanted(
    condition: dict[str, Any], *, only_if_not_empty: bool, now: Measured, before: Measured | None
) -> str:
    """Return why no mail is wanted, as a sentence; "" when one is.

    `condition` is {"figure", "is", "value"}, or empty for "always"; `before` are the numbers of
    the version before. A number that nobody knows keeps no mail back: a mail too many is the
    smaller harm.
    """
    if only_if_not_empty and now.is_empty:
        return "It is empty, and is wanted only when it is not."
    if not condition:
        return ""
    name, wanted = str(condition.get("figure", "")), Is(condition["is"])
    number = now.number(name)
    if number is None or _holds(wanted, number, condition.get("value"), before, name):
        return ""
    return f"{named(name)} is {written(number)}; it is wanted only {in_words(condition)}."


def in_words(condition: dict[str, Any]) -> str:
    """Return the condition as people say it: 'when "Orders" is above 5'; "" for none."""
    if not condition:
        return ""
    name = named(str(condition.get("figure", ""))).replace("The number", "the number")
    if condition["is"] == Is.CHANGED:
        return f"when {name} has changed"
    how = {Is.ABOVE: "above", Is.BELOW: "below", Is.EQUAL: "exactly"}[Is(condition["is"])]
    return f"when {name} is {how} {written(float(condition['value']))}"


def _holds(
    wanted: Is, number: float, value: float | None, before: Measured | None, name: str
) -> bool:
    if wanted is Is.CHANGED:
        return before is None or before.number(name) != number
    limit = float(value or 0)
    comparisons = {
        Is.ABOVE: number > limit,
        Is.BELOW: number < limit,
        Is.EQUAL: number == limit,
    }
    return comparisons[wanted]
