"""When a schedule is due, as readable text."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from beat.audit.texts import instant
from beat.editing.words import rule_in_words

MODELS: dict[str, Any] = {
    "interval": IntervalSchedule,
    "crontab": CrontabSchedule,
    "solar": SolarSchedule,
    "clocked": ClockedSchedule,
}
RULES = tuple(MODELS)


# The ids of the four kinds of rules that a schedule has; most of them are None.
RuleIds = tuple[int | None, ...]


class RuleValues:
    """The rules of schedules as text; a rule is put into words once, however many share it."""

    def __init__(self) -> None:
        """Begin with no rule known."""
        self._known: dict[RuleIds, dict[str, str]] = {}

    def read(self, wanted: Iterable[RuleIds]) -> None:
        """Read those that are not known yet; a query for each kind of rule at the most."""
        new = {rule_ids for rule_ids in wanted if rule_ids not in self._known}
        rows: list[dict[Any, Any]] = [
            MODELS[kind].objects.in_bulk({rule_ids[at] for rule_ids in new} - {None})
            for at, kind in enumerate(RULES)
        ]
        for rule_ids in new:
            rules = [of_kind.get(id_) for of_kind, id_ in zip(rows, rule_ids, strict=True)]
            unsaved = PeriodicTask(**dict(zip(RULES, rules, strict=True)))
            self._known[rule_ids] = _values(unsaved)

    def of(self, rule_ids: RuleIds) -> dict[str, str]:
        """Return a rule that was read, in words and as a line."""
        return self._known[rule_ids]


def _values(schedule: Any) -> dict[str, str]:
    # A form lets a schedule have one rule; SQL may leave it none, or several.
    rows = [row for kind in RULES if (row := getattr(schedule, kind)) is not None]
    return {
        "when": rule_in_words(schedule),
        "rule": "; ".join(map(line, rows)),
        "time zone": "; ".join(str(row.timezone) for row in rows if hasattr(row, "timezone")),
    }


def line(row: Model) -> str:
    """Return a rule in one line, as exact as its columns."""
    if isinstance(row, CrontabSchedule):
        fields = (row.minute, row.hour, row.day_of_month, row.month_of_year, row.day_of_week)
        return " ".join(map(str, fields))
    if isinstance(row, IntervalSchedule):
        return f"every {row.every} {row.period}"
    if isinstance(row, SolarSchedule):
        return f"{row.event} at {row.latitude}, {row.longitude}"
    if isinstance(row, ClockedSchedule):
        return instant(row.clocked_time)
    raise TypeError(f"{row!r} is no rule of time")
