"""All that an operator can set on schedules, as readable text by readable names."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Model
from django_celery_beat.models import PeriodicTask

from beat.audit.rule_values import line
from beat.audit.schedule_values import ScheduleValues
from beat.audit.texts import values_of_row
from beat.models import Calendar, CalendarEntry

# What is written down: per schedule (or whatever else is recorded), its values by their names.
Snapshot = dict[int, dict[str, str]]

# SQLite binds at most 32,766 values in one statement.
ROWS_PER_QUERY = 5_000


def snapshot(schedule_ids: Iterable[int]) -> Snapshot:
    """Return the values of each schedule that exists, by its id; a few queries per 5,000."""
    found: Snapshot = {}
    values = ScheduleValues()
    for chunk in _chunks(schedule_ids):
        found |= values.of(chunk)
    return found


def snapshot_of(model: type[Model], ids: Iterable[int]) -> Snapshot:
    """Return the values of rows of any model whose changes are recorded, by their ids."""
    if model is PeriodicTask:
        return snapshot(ids)
    if model is Calendar:
        return snapshot_of_calendars(ids)
    return snapshot_of_rules(model, ids)


def snapshot_of_rules(model: type[Model], ids: Iterable[int]) -> Snapshot:
    """Return the columns of rules of this kind, by their ids."""
    return {
        row.pk: {"rule": line(row), **values_of_row(row, {"id"})}
        for chunk in _chunks(ids)
        for row in model._default_manager.filter(pk__in=chunk)  # noqa: SLF001  # documented
    }


def snapshot_of_calendars(ids: Iterable[int]) -> Snapshot:
    """Return the columns of calendars and their days, by their ids."""
    return {
        calendar.pk: values_of_row(calendar, {"id"}) | {"days": _days(calendar)}
        for chunk in _chunks(ids)
        for calendar in Calendar.objects.filter(pk__in=chunk).prefetch_related("entries")
    }


def _days(calendar: Calendar) -> str:
    return "\n".join(sorted(" ".join(_day(entry)) for entry in calendar.entries.all()))


def _day(entry: CalendarEntry) -> Iterator[str]:
    yield f"{entry.year or 'every year'} {entry.month:02}-{entry.day:02}"
    if entry.starts_at_time and entry.ends_at_time:
        yield f"{entry.starts_at_time:%H:%M:%S} to {entry.ends_at_time:%H:%M:%S}"
    if entry.name:
        yield f"({entry.name})"


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(ids)
    while chunk := list(islice(remaining, ROWS_PER_QUERY)):
        yield chunk
