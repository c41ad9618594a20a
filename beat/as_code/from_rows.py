"""Schedules of the database as a file would say them, in a bounded number of queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django_celery_beat.models import PeriodicTask

from beat.as_code.policy_words import policy_of_row
from beat.as_code.schedule_text import ScheduleText
from beat.as_code.when import crontab_rule
from beat.definition import BrokenScheduleError, ScheduleRow, schedule_rows, timing_of, work_of
from beat.definition.rule import crontab_fields, kinds_of
from beat.editing.lines import FiveFields
from beat.models import CodeSchedule, Source

READ_TOGETHER = ("policy__calendar", "details__owner", "code")
# SQLite binds at most 32,766 values in one statement.
ROWS_PER_QUERY = 5_000

Item = TypeVar("Item")


@dataclass(frozen=True)
class Stored:
    """A schedule of the database; `text` is None while it is broken, and `problem` says why.

    `source` is "" where neither a file nor beat_schedule has it.
    """

    schedule_id: int
    name: str
    text: ScheduleText | None
    problem: str = ""
    key: str = ""
    source: str = ""
    is_in_code: bool = False

    @property
    def is_of_a_file(self) -> bool:
        """Return whether a file has it, or had it."""
        return self.source == Source.FILE


class Keyed(NamedTuple):
    """A schedule and the key that it has or gets."""

    schedule: Any
    key: str


def stored_schedules(schedules: "QuerySet[PeriodicTask]") -> list[Stored]:
    """Return the schedules in the order of their names; four queries per 5,000.

    One without a key gets one made of its name.
    """
    rows = schedules.order_by("name", "pk").select_related(*READ_TOGETHER)
    keyed = _keyed(rows.prefetch_related("details__tags"))
    found: list[Stored] = []
    for start in range(0, len(keyed), ROWS_PER_QUERY):
        chunk = keyed[start : start + ROWS_PER_QUERY]
        values = schedule_rows([item.schedule.pk for item in chunk])
        found += [_stored(item, values.get(item.schedule.pk)) for item in chunk]
    return found


def of_files(names: Sequence[str]) -> list[Stored]:
    """Return what files have or had, and whatever else has one of these names."""
    ids = set(CodeSchedule.objects.filter(source=Source.FILE).values_list("pk", flat=True))
    for chunk in _chunks(names):
        ids |= set(PeriodicTask.objects.filter(name__in=chunk).values_list("pk", flat=True))
    return [
        item
        for chunk in _chunks(sorted(ids))
        for item in stored_schedules(PeriodicTask.objects.filter(pk__in=chunk))
    ]


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), ROWS_PER_QUERY):
        yield items[start : start + ROWS_PER_QUERY]


def _keyed(schedules: "QuerySet[PeriodicTask]") -> list[Keyed]:
    """Return the schedules with their keys; a key is made again the same way every time."""
    rows = list(schedules)
    taken = set(CodeSchedule.objects.exclude(key=None).values_list("key", flat=True))
    return [Keyed(row, _code(row).key or _free_key(row.name, taken)) for row in rows]


def _free_key(name: str, taken: set[str | None]) -> str:
    base = slugify(name)[:150].strip("-_") or "schedule"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    taken.add(key)
    return key


def _code(schedule: Any) -> CodeSchedule:
    return getattr(schedule, "code", None) or CodeSchedule(source="", is_in_code=False)


def _stored(keyed: Keyed, row: ScheduleRow | None) -> Stored:
    schedule, code = keyed.schedule, _code(keyed.schedule)
    text, problem = _text_or_problem(keyed, row)
    return Stored(
        schedule.pk, schedule.name, text, problem, code.key or "", code.source, code.is_in_code
    )


def _text_or_problem(keyed: Keyed, row: ScheduleRow | None) -> tuple[ScheduleText | None, str]:
    if row is None:
        return None, "It cannot be read."
    try:
        timing_of(row, timezone.now())
        work = work_of(row)
    except BrokenScheduleError as broken:
        return None, broken.text
    return _text(keyed, row, work), ""


def _text(keyed: Keyed, row: ScheduleRow, work: Any) -> ScheduleText:
    schedule, details = keyed.schedule, getattr(keyed.schedule, "details", None)
    return ScheduleText(
        key=keyed.key,
        name=row.name,
        task=row.task,
        when=_rule(row),
        description=schedule.description,
        args=work.args,
        kwargs=work.kwargs,
        enabled=row.enabled,
        one_off=row.one_off or row.clocked_id is not None,
        starts_at=row.start_time,
        expires_at=row.expires,
        runs_expire_after_seconds=row.expire_seconds,
        queue=work.queue,
        exchange=work.exchange,
        routing_key=work.routing_key,
        priority=row.priority,
        headers=work.headers,
        policy=policy_of_row(getattr(schedule, "policy", None)),
        owner=details.owner.name if details is not None and details.owner is not None else "",
        tags=tuple(_tags(details)),
    )


def _tags(details: Any) -> Iterator[str]:
    yield from sorted(tag.name for tag in details.tags.all()) if details is not None else ()


def _rule(row: ScheduleRow) -> dict[str, Any]:
    [kind] = kinds_of(row)
    if kind == "crontab":
        return crontab_rule(FiveFields(*map(str, crontab_fields(row))), str(row.timezone))
    if kind == "interval":
        return {"kind": kind, "every": row.every, "period": row.period}
    if kind == "clocked":
        return {"kind": kind, "clocked_time": row.clocked_time}
    place = {"latitude": row.latitude, "longitude": row.longitude}
    return {"kind": kind, "event": row.event, **place}
