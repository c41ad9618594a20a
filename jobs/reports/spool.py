"""Rows of a table that are kept in a temporary file instead of memory."""

import pickle
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from jobs.reports.columns import Column, Row, clean_row
from jobs.reports.values import Cell

# So many rows are in memory at a time, whatever a table's length.
BATCH_ROWS = 500


class Rows:
    """Cleaned rows that can be read as often as one likes, in constant memory.

    They lie in a file without a name, which is gone with its last reader or with the process.
    Reading moves the file's position: one thread at a time.
    """

    def __init__(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Read all of `rows` and check each against `columns`; raise ContentError for one."""
        self.columns = tuple(columns)
        self._length = 0
        self._starts: list[int] = []
        # It outlives this block: the rows are read from it.
        self._file = tempfile.TemporaryFile(prefix="report-rows-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        numbered = enumerate(rows, start=1)
        cleaned = (clean_row(row, self.columns, f"Row {number}") for number, row in numbered)
        while batch := list(islice(cleaned, BATCH_ROWS)):
            self._starts.append(self._file.tell())
            pickle.dump(batch, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._length += len(batch)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self._length

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows in their order."""
        for start in self._starts:
            self._file.seek(start)
            # Nobody but this object has written the file, and nobody else can open it.
            yield from pickle.load(self._file)  # noqa: S301

    def first(self, count: int) -> list[Row]:
        """Return the first `count` rows, or all when there are fewer."""
        return list(islice(self, count))
