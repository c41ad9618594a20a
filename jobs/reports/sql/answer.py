"""What a source answers: columns, and rows as its driver gives them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.statement import Statement
from jobs.reports.values import Cell, ValueType

BATCH_ROWS = 500


@dataclass(frozen=True)
class Question:
    """A statement with the value of each of its names; `zone` is the report's time zone."""

    statement: Statement
    values: Mapping[str, Cell]
    zone: str
    seconds: float

    @property
    def used(self) -> dict[str, Cell]:
        """Return the values that the statement names, in the order of their first use."""
        return {name: self.values[name] for name in self.statement.names}


@dataclass(frozen=True)
class AnswerColumn:
    """A column of the answer; the type is None where the driver does not say it."""

    name: str
    type: ValueType | None = None


@dataclass(frozen=True)
class Answer:
    """Columns, and the rows, which can be read once and while the source is open."""

    columns: tuple[AnswerColumn, ...]
    rows: Iterator[Sequence[object]]


def check_columns(columns: Sequence[AnswerColumn]) -> None:
    """Raise QueryError when two columns have one name, or one has none."""
    names = [column.name for column in columns]
    for name in names:
        if not name.strip():
            raise QueryError("A column of the answer has no name. Give it one with AS.")
        if names.count(name) > 1:
            raise QueryError(f"Two columns of the answer are called {name}. Rename one with AS.")
