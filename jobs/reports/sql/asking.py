"""Asking a source, and keeping the rows of its answer."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from jobs.reports.columns import Column
from jobs.reports.rows import Rows, spooled
from jobs.reports.sql.answer import Answer, Question
from jobs.reports.sql.cells import as_cell
from jobs.reports.sql.columns import DeclaredColumn, columns_of
from jobs.reports.sql.content import Answered
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sources import Source, answered
from jobs.reports.values import Cell, ContentError

# The types of columns that have none are taken from so many rows.
LOOKED_AT_ROWS = 1_000


def ask(
    source: Source,
    question: Question,
    declared: Sequence[DeclaredColumn],
    most_rows: int,
    *,
    is_cut: bool = False,
) -> Answered:
    """Return the answer, its rows in a temporary file.

    More than `most_rows` rows raise QueryError, or with `is_cut` are left out. Raises QueryError
    with a sentence for all that is wrong with the query.
    """
    with answered(source, question) as answer:
        names = [column.name for column in answer.columns]
        try:
            rows = _kept(answer, question.zone, declared, most_rows, is_cut=is_cut)
        except ContentError as problem:
            raise QueryError(f"{problem} Or declare the column's type.") from None
    return Answered(names, rows, question.zone)


def _kept(
    answer: Answer,
    zone: str,
    declared: Sequence[DeclaredColumn],
    most_rows: int,
    *,
    is_cut: bool,
) -> Rows:
    limited = islice(answer.rows, most_rows) if is_cut else _capped(answer.rows, most_rows)
    first = list(islice(limited, LOOKED_AT_ROWS))
    columns = columns_of(answer.columns, first, declared)
    return spooled(columns, _cells(chain(first, limited), columns, zone))


def _capped(rows: Iterator[Sequence[object]], most: int) -> Iterator[Sequence[object]]:
    for number, row in enumerate(rows, start=1):
        if number > most:
            raise QueryError(
                f"The answer has more than {most:,} rows. Ask for fewer (group, filter, LIMIT); "
                "REPORT_SQL_ROWS is the limit."
            )
        yield row


def _cells(
    rows: Iterator[Sequence[object]], columns: Sequence[Column], zone: str
) -> Iterator[list[Cell]]:
    """Yield the rows as cells; what does not fit its column is refused where it is kept."""
    for row in rows:
        yield [
            as_cell(value, column.type, zone)  # type: ignore[misc]
            for value, column in zip(row, columns, strict=True)
        ]
