"""All that an operator can set on schedules, as readable text by readable names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Model
from django_celery_beat.models import PeriodicTask

from beat.audit.rule_values import RULES, RuleValues, line
from beat.audit.texts import values_of_row
from beat.models import Calendar, CalendarEntry, CodeSchedule, Policy, ScheduleDetails

# What is written down: per schedule (or whatever else is recorded), its values by their names.
Snapshot = dict[int, dict[str, str]]

# SQLite binds at most 32,766 values in one statement.
ROWS_PER_QUERY = 5_000
READ_TOGETHER = (*RULES, "policy__calendar", "details__owner", "code")
# Beat's own, the code's, or shown in words of their own.
NOT_OF_THE_OPERATOR = frozenset(
    {"id", "schedule", "last_run_at", "total_run_count", "date_changed", *RULES}
)


def snapshot(schedule_ids: Iterable[int]) -> Snapshot:
    """Return the values of each schedule that exists, by its id; two queries per 5,000."""
    found: Snapshot = {}
    rules = RuleValues()
    for chunk in _chunks(schedule_ids):
        found |= _of_chunk(chunk, rules)
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


def _of_chunk(ids: Collection[int], rules: RuleValues) -> Snapshot:
    tags = _tags(ids)
    schedules = PeriodicTask.objects.filter(pk__in=ids).select_related(*READ_TOGETHER)
    return {
        schedule.pk: _values(schedule, rules) | {"tags": ", ".join(tags[schedule.pk])}
        for schedule in schedules
    }


def _values(schedule: Any, rules: RuleValues) -> dict[str, str]:
    # Without a row the defaults hold: to write them down as a row is no change.
    policy = getattr(schedule, "policy", None) or Policy()
    details = getattr(schedule, "details", None)
    return {
        **values_of_row(schedule, NOT_OF_THE_OPERATOR),
        **rules.of(schedule),
        **values_of_row(policy, NOT_OF_THE_OPERATOR),
        "owner": str(details.owner or "") if details else "",
        "comes from": _source(getattr(schedule, "code", None)),
    }


def _source(code: CodeSchedule | None) -> str:
    return code.get_source_display() if code is not None and code.is_in_code else ""


def _tags(ids: Collection[int]) -> dict[int, list[str]]:
    """Return the names of the tags of each schedule, in order."""
    links = ScheduleDetails.tags.through.objects.filter(scheduledetails_id__in=ids)
    found: dict[int, list[str]] = defaultdict(list)
    pairs = links.order_by("tag__name").values_list("scheduledetails_id", "tag__name")
    for schedule_id, name in pairs:
        found[schedule_id].append(name)
    return found
