"""Statements that a worker executes for nearly every run, by the shortest way there is.

On PostgreSQL each is parsed and planned once per connection, and Django's layers around a cursor
are left out: together that is a quarter of what a run that does nothing costs. Weak: PostgreSQL
keeps such a plan until the table is analysed again (autovacuum does so within a minute or two),
also one that was made while the table was almost empty.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import JSONField


def execute(statement: str, values: Sequence[Any]) -> tuple[int, Any]:
    """Return the number of rows, and the first row where the statement returns any.

    Raises the errors of `django.db`. It is prepared where the connection's option
    `prepare_threshold` is set; see the setting DATABASE_PREPARED_STATEMENTS.
    """
    database = _database()
    if database.vendor != "postgresql":
        with database.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount, cursor.fetchone() if cursor.description else None
    return _execute_prepared(database, statement, values)


def parameter(field: Any, value: Any) -> Any:
    """Return a value of a model's field as `execute` takes it."""
    return parameters([field], [value])[0]


def parameters(fields: Iterable[Any], values: Iterable[Any]) -> list[Any]:
    """Return values of a model's fields as `execute` takes them."""
    database = _database()
    pairs = zip(fields, values, strict=True)
    if database.vendor != "postgresql":
        return [field.get_db_prep_save(value, database) for field, value in pairs]
    # psycopg adapts all types but those that JSON is made of by itself.
    return [
        field.get_db_prep_save(value, database) if isinstance(field, JSONField) else value
        for field, value in pairs
    ]


def _database() -> Any:
    # Asked for once: `django.db.connection` looks it up anew for each of its attributes, and that
    # was a fifth of what an ad-hoc run cost a worker's child.
    return connections[DEFAULT_DB_ALIAS]


def _execute_prepared(database: Any, statement: str, values: Sequence[Any]) -> tuple[int, Any]:
    # What Django does before it hands out a cursor, and before a cursor executes.
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_no_broken_transaction()
    # `Database` is psycopg, which processes that use SQLite never import.
    cursor_type = database.Database.Cursor
    with database.wrap_database_errors, cursor_type(database.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        # None of a statement without rows; asking for `description` would describe each column.
        returns_rows = cursor.rownumber is not None
        return cursor.rowcount, cursor.fetchone() if returns_rows else None
