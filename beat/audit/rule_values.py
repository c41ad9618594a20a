"""When a schedule is due, as readable text."""

from typing import Any

from django.db.models import Model
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
)

from beat.audit.texts import instant
from beat.editing.words import rule_in_words

RULES = ("interval", "crontab", "solar", "clocked")


class RuleValues:
    """The rules of schedules as text; a rule is put into words once, however many share it."""

    def __init__(self) -> None:
        """Begin with no rule known."""
        self._known: dict[tuple[int | None, ...], dict[str, str]] = {}

    def of(self, schedule: Any) -> dict[str, str]:
        """Return the schedule's rule in words and as a line; its rows must be at hand."""
        key = tuple(getattr(schedule, f"{kind}_id") for kind in RULES)
        if key not in self._known:
            self._known[key] = _values(schedule)
        return self._known[key]


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
