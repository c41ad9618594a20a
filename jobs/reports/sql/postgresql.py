"""Asking PostgreSQL with a login that can only read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import RawCursor

from jobs.reports.sql.answer import BATCH_ROWS, Answer, AnswerColumn, Question, check_columns
from jobs.reports.sql.deadline import Deadline, deadline
from jobs.reports.sql.errors import QueryError, too_long
from jobs.reports.values import ValueType

CONNECT_SECONDS = 5
LOCK_MILLISECONDS = 2_000
CANCEL_SECONDS = 5
# The types of PostgreSQL by their numbers, which never change (catalog pg_type).
TYPES = {
    **dict.fromkeys((20, 21, 23, 26), ValueType.WHOLE),
    **dict.fromkeys((700, 701, 1700), ValueType.DECIMAL),
    1082: ValueType.DATE,
    **dict.fromkeys((1114, 1184), ValueType.INSTANT),
    1186: ValueType.DURATION,
}
DECLARE = "DECLARE report NO SCROLL CURSOR FOR\n"
# Also the roles that the login could become by `set_config('role', …)`.
MAY_DO_MORE = """
    SELECT 'is a superuser, or may make roles, replicate or pass row security'
    FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')
        AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
    UNION ALL
    SELECT 'has the role ' || rolname
    FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER') AND rolname IN (
        'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files',
        'pg_write_server_files', 'pg_signal_backend', 'pg_maintain')
    UNION ALL
    SELECT 'may write to ' || pg_class.oid::regclass
    FROM pg_class JOIN pg_roles ON pg_has_role(session_user, pg_roles.oid, 'MEMBER')
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
        AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND (has_table_privilege(pg_roles.oid, pg_class.oid, 'DELETE, TRUNCATE')
            OR has_any_column_privilege(pg_roles.oid, pg_class.oid, 'INSERT, UPDATE'))
    LIMIT 1
"""


@contextmanager
def answer_of_postgresql(url: str, question: Question) -> Iterator[Answer]:
    """Give the answer of the database at `url`.

    Four things keep it from writing: the login has no right to (checked here, else QueryError),
    the transaction is READ ONLY, the query is the one of a cursor (DECLARE takes nothing that
    writes), and all is rolled back.
    """
    try:
        with _connection(url) as connection:
            with deadline(question.seconds, _cancelling(connection)) as watched:
                _prepare(connection, question)
                yield _answer(connection, question, watched)
            # Leaving a connection's block commits.
            connection.rollback()
    except psycopg.Error as problem:
        raise _told(problem, question) from None


def _connection(url: str) -> "psycopg.Connection[Any]":
    connection = psycopg.connect(
        url,
        connect_timeout=CONNECT_SECONDS,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        application_name="punctual report",
        cursor_factory=RawCursor,
    )
    connection.read_only = True
    return connection


def _cancelling(connection: "psycopg.Connection[Any]") -> Callable[[], None]:
    def cancel() -> None:
        # A server that does not answer ends nothing; keepalives end the connection then.
        with suppress(psycopg.Error):
            connection.cancel_safe(timeout=CANCEL_SECONDS)

    return cancel


def _prepare(connection: "psycopg.Connection[Any]", question: Question) -> None:
    """Set the limits of this transaction, and check that the login can only read."""
    milliseconds = round(question.seconds * 1_000)
    limits = {
        "statement_timeout": milliseconds,
        "lock_timeout": LOCK_MILLISECONDS,
        "idle_in_transaction_session_timeout": milliseconds,
        "TimeZone": question.zone,
    }
    for name, value in limits.items():
        connection.execute("SELECT set_config($1, $2, true)", [name, str(value)])
    more = connection.execute(MAY_DO_MORE).fetchone()
    if more is not None:
        raise QueryError(
            f"The source's login may do more than read: it {more[0]}. Give the source a login "
            "that can only read (docs/reports.md)."
        )


def _answer(connection: "psycopg.Connection[Any]", question: Question, watched: Deadline) -> Answer:
    # `binary` has it sent by the extended protocol, which takes a single statement only.
    connection.execute(_declared(question), list(question.used.values()), binary=True)
    cursor = _fetched(connection)
    columns = tuple(
        AnswerColumn(column.name, TYPES.get(column.type_code, ValueType.TEXT))
        for column in cursor.description or ()
    )
    check_columns(columns)
    return Answer(columns, _rows(connection, cursor, watched))


def _declared(question: Question) -> str:
    numbers = {name: f"${number}" for number, name in enumerate(question.used, start=1)}
    return DECLARE + question.statement.marked(numbers.__getitem__)


def _fetched(connection: "psycopg.Connection[Any]") -> "psycopg.Cursor[Any]":
    return connection.execute(f"FETCH FORWARD {BATCH_ROWS} FROM report")


def _rows(
    connection: "psycopg.Connection[Any]", cursor: "psycopg.Cursor[Any]", watched: Deadline
) -> Iterator[Sequence[object]]:
    while batch := cursor.fetchall():
        watched.check()
        yield from batch
        cursor = _fetched(connection)


def _told(problem: psycopg.Error, question: Question) -> QueryError:
    if isinstance(problem, psycopg.errors.QueryCanceled):
        return too_long(question.seconds)
    said = problem.diag.message_primary
    if said is None:
        # Without an answer of the server it is about the connection, whose address is a secret.
        return QueryError(
            "The source cannot be reached, or the connection broke. Is the server up, and is "
            "its address in REPORT_SOURCES right?"
        )
    hint = f" {problem.diag.message_hint}" if problem.diag.message_hint else ""
    return QueryError(f"PostgreSQL says: {said}.{hint}", _line(problem, question))


def _line(problem: psycopg.Error, question: Question) -> int | None:
    """Return the line of the query on which PostgreSQL stumbled, counted from 1."""
    position = problem.diag.statement_position
    if position is None:
        return None
    # The query begins on the second line of what was sent.
    return _declared(question)[: int(position) - 1].count("\n") or None
