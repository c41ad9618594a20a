"""The distinct crontabs of schedules: few, however many schedules share them."""

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Count, Q
from django.db.models.functions import Cast
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from beat.definition import ScheduleRow
from beat.definition.rule import crontab_fields
from beat.occurrences import CrontabError, crontab_of_fields
from beat.occurrences.crontab import Crontab

FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone_text")
# So often in a day and no oftener: a schedule that is meant for certain times of it.
CHOSEN_TIMES_A_DAY = 24


def crontabs(condition: Q | None = None) -> Iterator[tuple[int, Crontab]]:
    """Yield the id and the rule of each row of a crontab; those that cannot be read are left out.

    The zone is read as text: the field's own conversion raises an error for one that is unknown.
    """
    rows: Any = CrontabSchedule.objects.annotate(timezone_text=Cast("timezone", CharField()))
    for row_id, *texts in rows.filter(condition or Q()).values_list("id", *FIELDS):
        rule = _rule(texts[:5], texts[5])
        if rule is not None:
            yield row_id, rule


def crontab_of(row: ScheduleRow) -> Crontab | None:
    """Return the rule of a schedule by crontab; None for another kind and for a broken one."""
    texts = crontab_fields(row)
    if row.crontab_id is None or row.timezone is None or None in texts:
        return None
    return _rule([str(text) for text in texts], row.timezone)


def schedules_per_crontab() -> dict[int, int]:
    """Return how many schedules that are on share each row of a crontab."""
    enabled = PeriodicTask.objects.filter(enabled=True, crontab__isnull=False)
    pairs: Any = enabled.values_list("crontab_id").annotate(Count("pk")).order_by()
    return dict(pairs)


def _rule(texts: list[str], timezone: str) -> Crontab | None:
    minute, hour, day_of_month, month, day_of_week = texts
    try:
        return crontab_of_fields(minute, hour, day_of_month, month, day_of_week, timezone=timezone)
    except CrontabError:
        return None
