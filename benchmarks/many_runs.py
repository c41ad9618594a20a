"""Fills the table of runs with such as ended long ago, in bulk. PostgreSQL only."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from benchmarks.schedules import TASK, analyze
from benchmarks.stage import say
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

ROWS_PER_STATEMENT = 500_000
# One in so many has failed, with a traceback.
FAILED_EVERY = 50
# Ids are of version 7, as real ones: their first 48 bits are the instant, so that they grow.
FILL = """
    INSERT INTO {table} ({columns})
    SELECT {values} FROM (
        SELECT number,
            %(first)s::timestamptz + number * %(step)s::interval AS at,
            schedules.id AS schedule, schedules.name AS name
        FROM generate_series(%(start)s, %(end)s) AS number
        JOIN (
            SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS place
            FROM django_celery_beat_periodictask
        ) AS schedules ON schedules.place = mod(number, %(schedules)s)
        ORDER BY number
    ) AS ended
"""
VALUES = {
    "id": (
        "(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'"
        " || lpad(to_hex(mod(number, 4096)), 3, '0') || '8'"
        " || lpad(to_hex(mod(number * 2654435761, 1152921504606846976)), 15, '0'))::uuid"
    ),
    "schedule_id": "schedule",
    "schedule_name": "name",
    "task": f"'{TASK}'",
    "kind": f"'{Kind.SCHEDULED}'",
    "due_at": "at",
    "publish_at": "at",
    "queued_at": "at",
    "started_at": "at + interval '1 second'",
    "finished_at": "at + interval '2 seconds'",
    "state": (
        f"CASE WHEN mod(number, {FAILED_EVERY}) = 0 THEN '{State.FAILED}' "
        f"ELSE '{State.SUCCEEDED}' END"
    ),
    "traceback": f"CASE WHEN mod(number, {FAILED_EVERY}) = 0 THEN repeat('line ', 200) ELSE '' END",
    "attempt": "1",
    "queue": "'default'",
    "worker": "'celery@benchmark'",
}


def add_ended(rows: int, schedules: int, first_at: datetime, last_at: datetime) -> None:
    """Insert ended runs of the schedules that there are, evenly over the span, and tidy up."""
    columns, values = _columns_and_values()
    statement = FILL.format(table=Run._meta.db_table, columns=columns, values=values)  # noqa: SLF001
    step = (last_at - first_at) / rows
    with connection.cursor() as cursor:
        for start in range(0, rows, ROWS_PER_STATEMENT):
            say(f"{start:,} of {rows:,} runs are there")
            end = min(start + ROWS_PER_STATEMENT, rows) - 1
            span: dict[str, Any] = {"first": first_at, "step": _interval(step)}
            cursor.execute(statement, {**span, "start": start, "end": end, "schedules": schedules})
    analyze()
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def _columns_and_values() -> tuple[str, str]:
    """Return the columns that may not be empty, each with an SQL expression for its value."""
    values = {}
    for field in Run._meta.concrete_fields:  # noqa: SLF001 -- documented by Django
        name = str(field.column)
        if name in VALUES:
            values[name] = VALUES[name]
        elif not field.null and not field.has_db_default():
            values[name] = _literal(field)
    return ", ".join(values), ", ".join(values.values())


def _literal(field: Any) -> str:
    """Return the default of a column as SQL."""
    kind = field.db_type(connection)
    with connection.cursor() as cursor:
        value = field.get_db_prep_save(field.get_default(), connection)
        return str(cursor.mogrify(f"%s::{kind}", [value])).replace("%", "%%")


def _interval(step: timedelta) -> str:
    return f"{step.total_seconds():.9f} seconds"
