"""Statements that a worker executes for nearly every run, by the shortest way there is.

On PostgreSQL each is parsed and planned once per connection, and Django's layers around a cursor
are left out: together that is a quarter of what a run that does nothing costs. Weak: PostgreSQL
keeps such a plan until the table is analysed again (autovacuum does so within a minute or two),
also one that was made while the table was almost empty.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor


def execute(statement: str, values: Sequence[Any]) -> tuple[int, Any]:
    """Return the number of rows, and the first row where the statement returns any.

    Raises the errors of `django.db`. It is prepared where the connection's option
    `prepare_threshold` is set; see the setting DATABASE_PREPARED_STATEMENTS.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount, cursor.fetchone() if cursor.description else None
    return _execute_prepared(statement, values)


def parameter(field: Any, value: Any) -> Any:
    """Return a value of a model's field as `execute` takes it."""
    # psycopg adapts all types but those that JSON is made of by itself.
    if connection.vendor == "postgresql" and field.get_internal_type() != "JSONField":
        return value
    return field.get_db_prep_save(value, connection)


def _execute_prepared(statement: str, values: Sequence[Any]) -> tuple[int, Any]:
    # What Django does before it hands out a cursor, and before a cursor executes.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        return cursor.rowcount, cursor.fetchone() if cursor.description else None
