"""Schedules as plain values: one query for many, with rule and policy beside each."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import structlog
from django.db import connection
from django.db.models import BooleanField, CharField, F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django_celery_beat.models import PeriodicTask

from jobs.runs.array_literals import array_literal
from jobs.runs.states import Overlap

logger = structlog.get_logger(__name__)


class ScheduleRow(NamedTuple):
    """A schedule with its rule and policy, as the database has them: nothing is checked yet.

    The columns of a rule that it does not have are None, those of a missing policy its defaults.
    """

    id: int
    name: str
    task: str
    args: str = "[]"
    kwargs: str = "{}"
    queue: str | None = None
    exchange: str | None = None
    routing_key: str | None = None
    headers: str | None = "{}"
    priority: int | None = None
    expires: datetime | None = None
    expire_seconds: int | None = None
    one_off: bool = False
    start_time: datetime | None = None
    enabled: bool = True
    interval_id: int | None = None
    every: int | None = None
    period: str | None = None
    crontab_id: int | None = None
    minute: str | None = None
    hour: str | None = None
    day_of_month: str | None = None
    month_of_year: str | None = None
    day_of_week: str | None = None
    timezone: str | None = None
    solar_id: int | None = None
    event: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    clocked_id: int | None = None
    clocked_time: datetime | None = None
    overlap: str = Overlap.SKIP.value
    catch_up: str = "latest"
    catch_up_window_seconds: int = 86_400
    catch_up_limit: int = 100
    catch_up_pace_seconds: int = 1
    jitter_seconds: int = 0
    soft_time_limit_seconds: int | None = None
    time_limit_seconds: int | None = None
    max_attempts: int = 1
    max_losses: int = 2
    backoff_seconds: int = 30
    longest_backoff_seconds: int = 3600
    retry_on: str = ""
    in_gap: str = "after"
    repeated: str = "first"
    calendar_id: int | None = None
    is_paused: bool = False
    paused_until: datetime | None = None
    pause_reason: str = ""


FIRST_OF_POLICY = ScheduleRow._fields.index("overlap")
POLICY_COLUMNS = ScheduleRow._fields[FIRST_OF_POLICY:]
POLICY_DEFAULTS = tuple(ScheduleRow._field_defaults[column] for column in POLICY_COLUMNS)
RULE_OF_COLUMN = {
    "every": "interval",
    "period": "interval",
    "minute": "crontab",
    "hour": "crontab",
    "day_of_month": "crontab",
    "month_of_year": "crontab",
    "day_of_week": "crontab",
    "event": "solar",
    "latitude": "solar",
    "longitude": "solar",
    "clocked_time": "clocked",
} | dict.fromkeys(POLICY_COLUMNS, "policy")
# More parameters than this a database may refuse in one query.
CHUNK = 5_000


def schedule_rows(schedule_ids: Sequence[int]) -> dict[int, ScheduleRow]:
    """Return the rows of these schedules by id.

    A schedule that is gone is absent, and so is one with a value that cannot be read at all,
    such as a date beyond the year 9999 or, in SQLite, a word where a date belongs.
    """
    found: dict[int, ScheduleRow] = {}
    for start in range(0, len(schedule_ids), CHUNK):
        chunk = schedule_ids[start : start + CHUNK]
        try:
            found.update((row.id, row) for row in _read(chunk))
        except Exception:  # noqa: BLE001 -- what a driver raises for junk has no common type
            found.update((row.id, row) for row in _read_one_by_one(chunk))
    return found


def _read_one_by_one(schedule_ids: Iterable[int]) -> Iterator[ScheduleRow]:
    for schedule_id in schedule_ids:
        try:
            yield from _read([schedule_id])
        except Exception:
            logger.exception("A schedule's row cannot be read.", schedule=schedule_id)


def _read(schedule_ids: Sequence[int]) -> list[ScheduleRow]:
    rows = _query().filter(is_one_of(schedule_ids))
    return [_row(values) for values in rows]


def is_one_of(schedule_ids: Collection[int]) -> Q | RawSQL:
    """Return the condition on a schedule's id.

    One array where there are arrays: psycopg looks at each of thousands of parameters.
    """
    if connection.vendor == "postgresql":
        meta = PeriodicTask._meta  # noqa: SLF001 -- documented by Django
        condition = f"{meta.db_table}.id = ANY(%s::{meta.pk.rel_db_type(connection)}[])"
        ids = array_literal(schedule_ids)
        return RawSQL(condition, [ids], output_field=BooleanField())  # noqa: S611
    return Q(pk__in=schedule_ids)


def _query() -> Any:
    """Return the query of ScheduleRow's columns in their order."""
    columns: list[Any] = []
    for column in ScheduleRow._fields:
        if column == "timezone":
            # As text: the field's own conversion raises an error for a zone that is unknown.
            columns.append(Cast("crontab__timezone", CharField()))
        elif rule := RULE_OF_COLUMN.get(column):
            columns.append(F(f"{rule}__{column}"))
        else:
            columns.append(F(column))
    return PeriodicTask.objects.values_list(*columns)


def _row(values: tuple[Any, ...]) -> ScheduleRow:
    if values[FIRST_OF_POLICY] is None:
        return ScheduleRow(*values[:FIRST_OF_POLICY], *POLICY_DEFAULTS)
    return ScheduleRow(*values)
