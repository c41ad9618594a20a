"""What a worker executes for every run goes the shortest way, and errors are Django's own."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from jobs.runs.models import Run
from jobs.runs.prepared import execute, parameter

pytestmark = pytest.mark.django_db

TAG_TABLE = "beat_tag"
INSERT = f"INSERT INTO {TAG_TABLE} (name) VALUES (%s)"


def field(name: str) -> Any:
    """Return a field of Run."""
    return Run._meta.get_field(name)


def test_rows_are_counted_and_the_first_one_is_returned() -> None:
    assert execute(INSERT, ["finance"]) == (1, None)
    assert execute(f"SELECT name FROM {TAG_TABLE} WHERE name = %s", ["finance"])[1] == ("finance",)
    assert execute(f"DELETE FROM {TAG_TABLE} WHERE name = %s", ["mail"]) == (0, None)


def test_postgresql_plans_a_statement_once_per_connection() -> None:
    if connection.vendor != "postgresql":
        assert execute(INSERT, ["one"]) == (1, None)
        return
    for name in ("one", "two"):
        execute(INSERT, [name])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = [statement for (statement,) in cursor.fetchall()]
    assert prepared.count(INSERT.replace("%s", "$1")) == 1


def test_a_refusal_of_the_database_is_djangos_error() -> None:
    execute(INSERT, ["finance"])
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(INSERT, ["finance"])


def test_nothing_is_executed_in_a_transaction_that_is_broken() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            execute(INSERT, ["finance"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("args", [1, "two", None]),
        ("kwargs", {"a": {"b": [1.5]}}),
        ("canvas", None),
        ("task", "reports.make"),
        ("attempt", 3),
        ("priority", None),
    ],
)
def test_every_kind_of_value_comes_back_as_it_was(name: str, value: Any) -> None:
    now = timezone.now()
    run = Run.objects.create(
        id="01900000-0000-7000-8000-000000000001", task="t", due_at=now, publish_at=now
    )
    column = field(name).column
    statement = f"UPDATE runs_run SET {column} = %s WHERE task = 't'"
    assert execute(statement, [parameter(field(name), value)]) == (1, None)
    run.refresh_from_db()
    assert getattr(run, name) == value
