"""What keeps a query from writing and from running for ever: each protection by itself.

Several of them catch the same. Here the others are lifted, so that none is missed unseen.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest
from django.db import connection
from pytest_django import Settings

from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.files import _connection as connection_of_files
from jobs.reports.sql.sources import Source
from jobs.reports.sql.sqlite import DENIED_FUNCTIONS, _connection, authorizer
from jobs.runs.states import State
from tests.integration.outgoing_runs import make_run
from tests.integration.report_sources import (
    asked,
    login_url,
    owner_url,
    platform_source,
    rows_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.one_database("postgresql")
on_sqlite = pytest.mark.one_database("sqlite")

LIFTS_ITS_LIMIT = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
    SELECT set_config('statement_timeout', '0', true) AS word FROM generate_series(1, 500)
    UNION ALL SELECT count(*)::text FROM numbers WHERE n < 0
"""


@pytest.fixture
def platform(settings: Settings) -> Source:
    """Return the platform's own database as a source."""
    return platform_source(settings)


@on_postgresql
@pytest.mark.parametrize(
    ("login", "rights", "words"),
    [
        ("maker", "ALTER ROLE maker CREATEROLE", "is a superuser, or may make roles"),
        ("filer", "GRANT pg_read_server_files TO filer", "has the role pg_read_server_files"),
        ("writer", "GRANT INSERT ON runs_run TO writer", "may write to runs_run"),
        ("clerk", "GRANT UPDATE (state) ON runs_run TO clerk", "may write to runs_run"),
        ("remover", "GRANT DELETE ON runs_run TO remover", "may write to runs_run"),
        (
            "member",
            "ALTER ROLE member NOINHERIT; GRANT pg_write_all_data TO member",
            "has the role pg_write_all_data",
        ),
    ],
)
def test_a_login_that_may_do_more_than_read_is_refused_before_it_is_asked(
    login: str, rights: str, words: str
) -> None:
    source = Source("sales", login_url(login, rights))
    with pytest.raises(QueryError, match=f"may do more than read: it {words}"):
        asked(source, "SELECT 1 AS one")


@on_postgresql
def test_the_limits_of_the_transaction_are_set_in_the_database(platform: Source) -> None:
    limits = {
        "transaction_read_only": "on",
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "5s",
        "TimeZone": "Europe/Berlin",
    }
    for name, value in limits.items():
        query = "SELECT current_setting(:name) AS value"
        assert rows_of(platform, query, seconds=5, name=name) == [(value,)]


@pytest.fixture
def generous_function() -> Iterator[str]:
    """Yield a function that writes with the rights of its owner; everybody may call it."""
    with psycopg.connect(owner_url(), autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION generous() RETURNS integer LANGUAGE sql SECURITY DEFINER "
            "AS 'UPDATE runs_run SET state = ''failed'' RETURNING 1'"
        )
        yield "generous()"
        owner.execute("DROP FUNCTION generous()")


@on_postgresql
def test_a_function_that_writes_with_the_rights_of_its_owner_is_refused(
    platform: Source, generous_function: str
) -> None:
    make_run(state=State.SUCCEEDED)
    with pytest.raises(QueryError, match="UPDATE in a read-only transaction"):
        asked(platform, f"SELECT {generous_function} AS done")


@on_postgresql
def test_a_second_statement_is_refused_by_the_protocol(platform: Source) -> None:
    with pytest.raises(QueryError, match="cannot insert multiple commands"):
        asked(platform, "SELECT 1 AS one; SELECT 2 AS two", is_checked=False)


@on_postgresql
def test_what_would_write_is_no_query_of_a_cursor(platform: Source) -> None:
    with pytest.raises(QueryError, match="DECLARE CURSOR must not contain"):
        asked(platform, "WITH gone AS (DELETE FROM runs_run RETURNING 1) SELECT 1 AS one")


@on_postgresql
def test_a_query_that_lifts_its_own_limit_is_stopped_from_outside(platform: Source) -> None:
    with pytest.raises(QueryError, match="was stopped"):
        asked(platform, LIFTS_ITS_LIMIT, is_checked=False, seconds=0.5)


@on_sqlite
@pytest.mark.parametrize(
    ("lifted", "statement", "words"),
    [
        # What is opened for reading only still takes tables of its own.
        ("", "CREATE TEMP TABLE stolen AS SELECT 1", "readonly"),
        ("PRAGMA query_only = OFF", "DELETE FROM runs_run", "readonly"),
        ("PRAGMA query_only = OFF", "ATTACH ':memory:' AS other", "too many attached databases"),
        ("PRAGMA query_only = OFF", "SELECT zeroblob(10000001)", "too big"),
    ],
)
def test_without_the_authorizer_the_connection_still_only_reads(
    lifted: str, statement: str, words: str
) -> None:
    file = Path(connection.settings_dict["NAME"])
    with closing(_connection(file, None)) as reader:
        reader.set_authorizer(None)
        reader.execute(lifted)
        with pytest.raises(sqlite3.Error, match=words):
            reader.execute(statement).fetchall()


@on_sqlite
def test_what_a_schema_calls_is_not_trusted() -> None:
    with closing(_connection(Path(connection.settings_dict["NAME"]), None)) as reader:
        reader.set_authorizer(None)
        assert reader.execute("PRAGMA trusted_schema").fetchall() == [(0,)]


@on_sqlite
@pytest.mark.parametrize("function", sorted(DENIED_FUNCTIONS))
def test_the_authorizer_denies_functions_that_leave_the_database(function: str) -> None:
    allow = authorizer(None, ())
    assert allow(sqlite3.SQLITE_FUNCTION, None, "lower", None, None) == sqlite3.SQLITE_OK
    for name in (function, function.upper()):
        assert allow(sqlite3.SQLITE_FUNCTION, None, name, None, None) == sqlite3.SQLITE_DENY


@on_sqlite
def test_the_authorizer_denies_a_write_by_itself(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "open.sqlite3")) as writable:
        writable.execute("CREATE TABLE words (word)")
        writable.set_authorizer(authorizer(None, ()))
        for statement in ("INSERT INTO words VALUES (1)", "CREATE TEMP TABLE t (a)", "BEGIN"):
            with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
                writable.execute(statement)
        assert writable.execute("SELECT word FROM words").fetchall() == []


@on_sqlite
@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("WITH two AS (SELECT 1 UNION ALL SELECT 2) SELECT count(*) AS n FROM two", [(2,)]),
        ("SELECT count(*) AS n FROM runs_run", [(1,)]),
        ("SELECT value FROM json_each('[7, 8]')", [(7,), (8,)]),
        ("SELECT count(*) AS n FROM json_tree('[7, 8]')", [(3,)]),
    ],
)
def test_names_of_the_query_itself_and_json_are_read(
    platform: Source, query: str, answer: list[tuple[int]]
) -> None:
    make_run(state=State.SUCCEEDED)
    assert rows_of(platform, query) == answer


@on_sqlite
def test_files_are_asked_with_little_memory_and_settings_that_are_locked(tmp_path: Path) -> None:
    limits = {
        "memory_limit": "488.2 MiB",
        "threads": 2,
        "temp_directory": "",
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "enable_external_access": False,
        "lock_configuration": True,
    }
    with closing(connection_of_files(duckdb, tmp_path, "Europe/Berlin")) as reader:
        for name, value in limits.items():
            assert reader.execute("SELECT current_setting($1)", [name]).fetchone() == (value,)
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            reader.execute("SET threads = 8")


@on_sqlite
@pytest.mark.parametrize("query", ["SELECT 1; SELECT 2", "SET threads = 8", "CHECKPOINT"])
def test_files_are_asked_a_single_question(tmp_path: Path, query: str) -> None:
    with pytest.raises(QueryError, match="DuckDB sees no single SELECT here"):
        asked(Source("files", f"duckdb:///{tmp_path}"), query, is_checked=False)
