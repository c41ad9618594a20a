"""Asking an SQLite file that the connection can only read."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from jobs.reports.sql.answer import BATCH_ROWS, Answer, AnswerColumn, Question, check_columns
from jobs.reports.sql.deadline import Deadline, deadline
from jobs.reports.sql.errors import QueryError
from jobs.reports.values import Cell

# One value of the answer, or of what is worked out on the way, is at most so long.
VALUE_BYTES = 10_000_000
WAIT_SECONDS = 5
# A query that only asks does nothing else (https://www.sqlite.org/c3ref/c_alter_table.html).
ASKING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})
# They read no table, but what they are given.
TABLE_FUNCTIONS = frozenset({"json_each", "json_tree"})
SCHEMA_TABLES = frozenset(
    {"sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"}
)
DENIED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"})

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


@contextmanager
def answer_of_sqlite(
    path: Path, readable: frozenset[str] | None, question: Question
) -> Iterator[Answer]:
    """Give the answer of the SQLite database at `path`, of the tables in `readable` (None: all).

    The file is opened for reading only; an authorizer allows nothing but reading.
    """
    try:
        with (
            closing(_connection(path, readable)) as connection,
            deadline(question.seconds, connection.interrupt) as watched,
        ):
            yield _answer(connection, question, watched)
    except sqlite3.Error as problem:
        raise _told(problem) from None


def _connection(path: Path, readable: frozenset[str] | None) -> sqlite3.Connection:
    if not path.is_file():
        raise QueryError(f"There is no file {path}. Correct REPORT_SOURCES.")
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
    for name in TABLE_FUNCTIONS:
        # The first use makes it, which the authorizer would deny.
        connection.execute(f"SELECT 1 FROM {name}('[]')")  # noqa: S608
    connection.set_authorizer(authorizer(readable, _tables(connection)))
    return connection


def _tables(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the names of all tables and views in small letters."""
    names = connection.execute("SELECT lower(name) FROM sqlite_master").fetchall()
    return frozenset(name for [name] in names) | SCHEMA_TABLES


def authorizer(readable: frozenset[str] | None, tables: Collection[str]) -> Authorizer:
    """Return what SQLite asks about each thing that a statement would do.

    `readable` are those of the tables that may be read; None: all.
    """

    def allow(
        action: int, first: str | None, second: str | None, database: str | None, _: str | None
    ) -> int:
        is_allowed = action in ASKING
        if action == sqlite3.SQLITE_FUNCTION:
            is_allowed = (second or "").lower() not in DENIED_FUNCTIONS
        elif action == sqlite3.SQLITE_READ:
            table = (first or "").lower()
            # A name of WITH has no database; nor has a table of which rows are only counted.
            is_own = database is None and table not in tables
            is_allowed = readable is None or is_own or table in readable | TABLE_FUNCTIONS
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY

    return allow


def _answer(connection: sqlite3.Connection, question: Question, watched: Deadline) -> Answer:
    bound = {name: _bound(value) for name, value in question.used.items()}
    try:
        cursor = connection.execute(question.statement.query, bound)
    except sqlite3.OperationalError:
        watched.check()
        raise
    columns = tuple(AnswerColumn(described[0]) for described in cursor.description or ())
    check_columns(columns)
    return Answer(columns, _rows(cursor, watched))


def _rows(cursor: sqlite3.Cursor, watched: Deadline) -> Iterator[Sequence[object]]:
    try:
        while batch := cursor.fetchmany(BATCH_ROWS):
            yield from batch
    except sqlite3.OperationalError:
        watched.check()
        raise


def _bound(value: Cell) -> str | float | int | None:
    """Return a value as Django keeps it in SQLite, where days and instants are texts in UTC."""
    match value:
        case datetime():
            return str(value.astimezone(UTC).replace(tzinfo=None))
        case date():
            return value.isoformat()
        case str() | int() | float() | None:
            return value
    raise QueryError(f"The value {value!r} cannot be bound here.")


def _told(problem: sqlite3.Error) -> QueryError:
    text = str(problem)
    if "authorized" in text or "prohibited" in text or "readonly" in text:
        return QueryError(
            f"SQLite refuses it ({text}): a report only reads, and only what it may see. "
            "docs/reports.md lists the tables of the platform."
        )
    return QueryError(f"SQLite says: {text}.")
