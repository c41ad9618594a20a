"""Tables that are too long for memory: a documented door for whoever brings many rows.

from jobs.reports.rows import spooled

rows = spooled(columns, cursor, expected=100_000)
Table("Orders", columns, rows)
"""

from collections.abc import Iterable, Iterator, Sequence

from jobs.reports.columns import Column
from jobs.reports.spool import BATCH_ROWS, Rows
from jobs.reports.values import Cell
from jobs.runs.current import raise_if_cancelled, report_progress

__all__ = ["Rows", "spooled"]


def spooled(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], expected: int | None = None
) -> Rows:
    """Return `rows`, read once, checked against `columns` and kept in a temporary file.

    Tells the run how far it is ("row 40,000 of 100,000"), and ends it when it was cancelled.
    `expected` is how many rows there should be, None when nobody knows. Raises ContentError with
    the number of a row that does not fit.
    """
    return Rows(columns, _told(rows, expected))


def _told(rows: Iterable[Sequence[Cell]], expected: int | None) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % BATCH_ROWS == 0:
            raise_if_cancelled()
            report_progress(number, _most(number, expected), _words(number, expected))


def _most(number: int, expected: int | None) -> float | None:
    # An estimate that was too low must not show more than all.
    return None if expected is None else max(number, expected)


def _words(number: int, expected: int | None) -> str:
    return f"row {number:,}" + (f" of {max(number, expected):,}" if expected else "")
