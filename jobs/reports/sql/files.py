"""Asking a folder of CSV and Parquet files, by DuckDB (the extra `analysis`)."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from jobs.reports.sql.answer import BATCH_ROWS, Answer, AnswerColumn, Question, check_columns
from jobs.reports.sql.deadline import Deadline, deadline
from jobs.reports.sql.errors import QueryError
from jobs.reports.values import Cell, ValueType

READERS = {".csv": "read_csv", ".parquet": "read_parquet"}
# DuckDB's default is most of the machine's memory and every core.
MEMORY = "512MB"
THREADS = 2
# In this order: nothing can be changed after the last one. COPY may still write into an allowed
# folder; `_check_question` refuses it.
LOCKS = (
    f"SET memory_limit = '{MEMORY}'",
    f"SET threads = {THREADS}",
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
TYPES = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
         "UINTEGER", "UBIGINT", "UHUGEINT"),
        ValueType.WHOLE,
    ),
    **dict.fromkeys(("FLOAT", "DOUBLE"), ValueType.DECIMAL),
    "DATE": ValueType.DATE,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"), ValueType.INSTANT),
    "INTERVAL": ValueType.DURATION,
}  # fmt: skip


@contextmanager
def answer_of_files(folder: Path, question: Question) -> Iterator[Answer]:
    """Give the answer of the files in `folder`; each is a table of its name without the ending.

    The database is empty, in memory, and shut off from everything but the folder.
    """
    duckdb = _duckdb()
    try:
        with (
            closing(_connection(duckdb, folder, question.zone)) as connection,
            deadline(question.seconds, connection.interrupt) as watched,
        ):
            yield _answer(duckdb, connection, question, watched)
    except duckdb.Error as problem:
        raise _told(problem) from None


def _duckdb() -> Any:
    """Return the module: it is optional, and heavy."""
    try:
        return import_module("duckdb")
    except ImportError:
        raise QueryError(
            "CSV and Parquet files need the extra `analysis`. Install requirements-analysis.txt."
        ) from None


def _connection(duckdb: Any, folder: Path, zone: str) -> Any:
    if not folder.is_dir():
        raise QueryError(f"There is no folder {folder}. Correct REPORT_SOURCES.")
    connection = duckdb.connect(":memory:")
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in READERS:
            _add_table(connection, path)
    connection.execute(f"SET TimeZone = {_quoted(zone)}")
    connection.execute(f"SET allowed_directories = [{_quoted(str(folder.resolve()))}]")
    for lock in LOCKS:
        connection.execute(lock)
    return connection


def _add_table(connection: Any, path: Path) -> None:
    name = '"' + path.stem.replace('"', '""') + '"'
    reader = READERS[path.suffix.lower()]
    connection.execute(
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {reader}({_quoted(str(path.resolve()))})"  # noqa: S608
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _answer(duckdb: Any, connection: Any, question: Question, watched: Deadline) -> Answer:
    # On its second line everywhere, so that DuckDB's numbers of lines are one too many.
    query = "\n" + question.statement.marked(lambda name: f"${name}")
    _check_question(duckdb, connection, query, question.used)
    try:
        cursor = connection.execute(query, question.used)
    except duckdb.InterruptException:
        watched.check()
        raise
    columns = tuple(AnswerColumn(name, _type(kind)) for name, kind, *_ in cursor.description)
    check_columns(columns)
    return Answer(columns, _rows(duckdb, cursor, watched))


def _check_question(duckdb: Any, connection: Any, query: str, values: dict[str, Cell]) -> None:
    """Raise an error unless the query is a single SELECT that writes nothing on the way."""
    parsed = connection.extract_statements(query)
    if len(parsed) != 1 or parsed[0].type != duckdb.StatementType.SELECT:
        raise QueryError("DuckDB sees no single SELECT here. A report is one question.")
    # DuckDB 2.0 takes COPY, INSERT and so on in a WITH, and calls that a SELECT, but never
    # within a subquery. This only plans; the query itself keeps its order outside of one.
    connection.execute(f"EXPLAIN SELECT * FROM ({query}\n) AS report", values)  # noqa: S608


def _type(kind: object) -> ValueType:
    text = str(kind)
    return ValueType.DECIMAL if text.startswith("DECIMAL") else TYPES.get(text, ValueType.TEXT)


def _rows(duckdb: Any, cursor: Any, watched: Deadline) -> Iterator[Sequence[object]]:
    try:
        while batch := cursor.fetchmany(BATCH_ROWS):
            watched.check()
            yield from batch
    except duckdb.InterruptException:
        watched.check()
        raise


def _told(problem: Exception) -> QueryError:
    """Return DuckDB's first line; the rest shows the place, with a caret below it."""
    said, _, place = str(problem).partition("\n")
    line = LINE.search(place)
    return QueryError(f"DuckDB says: {said}", int(line[1]) - 1 if line else None)
