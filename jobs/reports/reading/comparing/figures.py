"""How figures changed from one version to the next. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from jobs.reports.content import Figure
from jobs.reports.rendering.text import NOT_KNOWN, shown, shown_decimal
from jobs.reports.values import Cell, ValueType

NUMBERS = (ValueType.WHOLE, ValueType.DECIMAL)
MOST_PERCENT = 1_000


@dataclass(frozen=True)
class FigureChange:
    """A figure before and after, as texts.

    `difference` and `percent` are "" where they say nothing; `direction` is "up", "down" or "".
    """

    name: str
    before: str
    after: str
    difference: str = ""
    percent: str = ""
    direction: str = ""
    is_new: bool = False
    is_gone: bool = False


def figure_changes(old: Sequence[Figure], new: Sequence[Figure], zone: str) -> list[FigureChange]:
    """Return the figures that differ as they are shown, in the order of `new`.

    Those that are gone come last.
    """
    before, after = _by_name(old), _by_name(new)
    changed = [
        _change(before[key], figure, zone) if key in before else _added(figure, zone)
        for key, figure in after.items()
        if key not in before or _text(before[key], zone) != _text(figure, zone)
    ]
    gone = [_gone(figure, zone) for key, figure in before.items() if key not in after]
    return changed + gone


def _by_name(figures: Sequence[Figure]) -> dict[tuple[str, int], Figure]:
    seen: Counter[str] = Counter()
    found = {}
    for figure in figures:
        found[figure.name, seen[figure.name]] = figure
        seen[figure.name] += 1
    return found


def _change(old: Figure, new: Figure, zone: str) -> FigureChange:
    before, after = _text(old, zone), _text(new, zone)
    difference = _difference(old, new)
    if difference is None:
        return FigureChange(new.name, before, after)
    return FigureChange(
        new.name,
        before,
        after,
        difference=_signed(difference, new, zone),
        percent=_percent(old.value, difference),
        direction="up" if _seconds(difference) > 0 else "down",
    )


def _difference(old: Figure, new: Figure) -> Cell:
    """Return new less old, or None where that is no difference: texts, days, other units."""
    if old.type != new.type or old.unit != new.unit:
        return None
    match old.value, new.value:
        case timedelta() as before, timedelta() as after:
            return after - before
        case (int() | float()) as before, (int() | float()) as after:
            return after - before
        case _:
            return None


def _percent(before: Cell, difference: Cell) -> str:
    base = _seconds(before)
    if not base:
        return ""
    percent = 100 * _seconds(difference) / abs(base)
    if abs(percent) > MOST_PERCENT:
        return ""
    return f"{_plus(percent)}{shown_decimal(percent, 1)} %"


def _signed(difference: Cell, figure: Figure, zone: str) -> str:
    text = shown(difference, zone, figure.digits)
    unit = f" {figure.unit}" if figure.unit else ""
    return f"{_plus(_seconds(difference))}{text}{unit}"


def _seconds(value: Cell) -> float:
    """Return a number, or a duration in seconds, as float."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, int | float) else 0.0


def _plus(number: float) -> str:
    # The sign of what is below zero stands in the text already.
    return "+" if number > 0 else ""


def _added(figure: Figure, zone: str) -> FigureChange:
    return FigureChange(figure.name, NOT_KNOWN, _text(figure, zone), is_new=True)


def _gone(figure: Figure, zone: str) -> FigureChange:
    return FigureChange(figure.name, _text(figure, zone), NOT_KNOWN, is_gone=True)


def _text(figure: Figure, zone: str) -> str:
    text = shown(figure.value, zone, figure.digits)
    return f"{text} {figure.unit}" if figure.unit and figure.value is not None else text
