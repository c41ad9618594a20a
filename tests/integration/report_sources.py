"""The suite's own database as a source of SQL reports, by a login that can only read."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from django.db import connection
from pytest_django import Settings

from jobs.reports.sql.answer import Question
from jobs.reports.sql.asking import ask
from jobs.reports.sql.content import Answered
from jobs.reports.sql.sources import PLATFORM, PLATFORM_TABLES, Source, source_of
from jobs.reports.sql.statement import Statement, _tokens, checked_statement
from jobs.reports.values import Cell

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
READER = "report_reader"


def platform_source(settings: Settings) -> Source:
    """Return the source `platform`; on PostgreSQL it is set up as docs/reports.md says."""
    if connection.vendor == "postgresql":
        settings.REPORT_SOURCES = {PLATFORM: reader_url(str(connection.settings_dict["NAME"]))}
    return source_of(PLATFORM)


def owner_url() -> str:
    """Return the address of the suite's PostgreSQL database with the login that may all."""
    return _url(connection.settings_dict["USER"], connection.settings_dict["NAME"])


@cache
def reader_url(database: str) -> str:
    """Make a login that can read the tables of the platform; return the database's address."""
    assert database == connection.settings_dict["NAME"]
    tables = ", ".join(sorted(PLATFORM_TABLES))
    return login_url(READER, f"GRANT SELECT ON {tables} TO {READER}")


def login_url(name: str, rights: str) -> str:
    """Make a login and give it rights; return the database's address with it."""
    with psycopg.connect(owner_url(), autocommit=True) as owner:
        # One server serves the databases of all test processes.
        owner.execute(
            f"DO $$ BEGIN CREATE ROLE {name} LOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        owner.execute(rights)
    return _url(name, connection.settings_dict["NAME"])


def asked(
    source: Source,
    query: str,
    *,
    is_checked: bool = True,
    most_rows: int = 1_000,
    seconds: float = 5,
    **values: Cell,
) -> Answered:
    """Return what the source answers; without `is_checked` nobody has looked at the text."""
    tokens = tuple(_tokens(query))
    statement = checked_statement(query, values) if is_checked else Statement(query, tokens)
    return ask(source, Question(statement, values, "Europe/Berlin", seconds), [], most_rows)


def rows_of(source: Source, query: str, **options: Any) -> list[tuple[Cell, ...]]:
    """Return the rows of the answer."""
    return list(asked(source, query, **options).rows)


def _url(user: object, database: object) -> str:
    at = connection.settings_dict
    return f"postgresql://{user}@{at['HOST']}:{at['PORT']}/{database}"
