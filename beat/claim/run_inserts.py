"""Inserting many rows into the ledger at once; a row whose identity is taken stays out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from beat.claim.run_rows import RunRow
from jobs.runs.array_literals import array_literal
from jobs.runs.models import Run

COLUMNS = ", ".join(RunRow._fields)
INSERT_ON_SQLITE = (
    f"INSERT INTO runs_run ({COLUMNS}) "  # noqa: S608 -- names of our own columns
    f"VALUES ({', '.join(['%s'] * len(RunRow._fields))}) ON CONFLICT DO NOTHING"
)


def insert_runs(rows: Sequence[RunRow]) -> list[RunRow]:
    """Insert the rows; return those that are in the ledger now (all, as a rule)."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(*_statement(rows))
        else:
            cursor.executemany(INSERT_ON_SQLITE, [_stored(row) for row in rows])
        if cursor.rowcount == len(rows):
            return list(rows)
    return _found(rows)


def _statement(rows: Sequence[RunRow]) -> tuple[str, list[Any]]:
    """Return PostgreSQL's INSERT with its parameters: an array for each column that varies.

    A value that all rows share is sent once: adapting 10,000 rows of 32 columns costs more than
    all the rest of a claim.
    """
    shared, arrays, names, selected = [], [], [], []
    for name, values in zip(RunRow._fields, zip(*rows, strict=True), strict=True):
        kind = COLUMN_TYPES[name]
        if name != "id" and len(set(values)) == 1:
            selected.append(f"%s::{kind}")
            shared.append(values[0])
        else:
            selected.append(f"new.{name}")
            names.append((name, kind))
            arrays.append(array_literal(values))
    unnested = ", ".join(f"%s::{kind}[]" for _, kind in names)
    aliases = ", ".join(name for name, _ in names)
    statement = (
        f"INSERT INTO runs_run ({COLUMNS}) SELECT {', '.join(selected)} "  # noqa: S608
        f"FROM unnest({unnested}) AS new ({aliases}) ON CONFLICT DO NOTHING"
    )
    return statement, [*shared, *arrays]


def _column_types() -> dict[str, str]:
    """Return the SQL type of each column, without its length."""
    fields: dict[str, models.Field[Any, Any]] = {
        str(field.column): field
        for field in Run._meta.concrete_fields  # noqa: SLF001 -- documented by Django
    }
    return {name: _type_of(fields[name]) for name in RunRow._fields}


def _type_of(field: "models.Field[Any, Any]") -> str:
    kinds: dict[type, str] = {
        models.UUIDField: "uuid",
        models.DateTimeField: "timestamptz",
        models.JSONField: "jsonb",
        models.CharField: "text",
        models.TextField: "text",
    }
    return kinds.get(type(field), "bigint")


COLUMN_TYPES = _column_types()


def _found(rows: Sequence[RunRow]) -> list[RunRow]:
    wanted = [row.id for row in rows]
    found = set(Run.objects.filter(id__in=wanted).values_list("id", flat=True))
    return [row for row in rows if row.id in found]


def _stored(row: RunRow) -> tuple[Any, ...]:
    """Return the row as SQLite stores its values."""
    return tuple(_stored_value(value) for value in row)


def _stored_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.hex if isinstance(value, UUID) else value
