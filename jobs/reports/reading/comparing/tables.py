"""How a table changed from one version to the next: rows added, gone and changed. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jobs.reports.columns import Column
from jobs.reports.content import Table
from jobs.reports.rendering.text import shown
from jobs.reports.values import Cell

# So many of each kind are named; all are counted.
NAMED = 20

Key = tuple[Cell, int]
Row = Sequence[Cell]


@dataclass(frozen=True)
class CellChange:
    """A value before and after, with its column's label."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """A row by its first value, and which of its values changed."""

    key: str
    cells: list[CellChange]


@dataclass(frozen=True)
class TableChange:
    """How many rows are added, gone and changed; of each kind, the first ones are named."""

    title: str
    added: int = 0
    gone: int = 0
    changed: int = 0
    added_keys: list[str] = field(default_factory=list)
    gone_keys: list[str] = field(default_factory=list)
    changed_rows: list[RowChange] = field(default_factory=list)
    new_columns: list[str] = field(default_factory=list)
    gone_columns: list[str] = field(default_factory=list)
    note: str = ""
    cannot: str = ""

    @property
    def is_same(self) -> bool:
        """Return whether nothing has changed, as far as it was compared."""
        differences = self.added or self.gone or self.changed or self.new_columns
        return not (differences or self.gone_columns or self.cannot)

    @property
    def words(self) -> str:
        """Return the counts as words: "2 rows added, 1 gone, 3 changed"."""
        counts = [(self.added, "added"), (self.gone, "gone"), (self.changed, "changed")]
        told = [f"{count:,} {word}" for count, word in counts if count]
        if not told:
            return "no rows changed"
        rows = "row" if told[0].startswith("1 ") else "rows"
        number, word = told[0].split(" ", 1)
        return ", ".join([f"{number} {rows} {word}", *told[1:]])


def table_change(old: Table, new: Table, zone: str) -> TableChange:
    """Return how the rows differ. A row is known by the value of the first column.

    Rows with the same first value are compared in their order. Columns that only one of the two
    has are named and not compared.
    """
    before, after = _names(old), _names(new)
    change = TableChange(
        new.title,
        new_columns=[name for name in after if name not in before],
        gone_columns=[name for name in before if name not in after],
        note=_note(old, new),
    )
    if before[0] != after[0]:
        why = f"Its rows went by {before[0]!r} and now go by {after[0]!r}."
        return replace(change, cannot=why)
    return replace(change, **_rows(old, new, zone))


def _rows(old: Table, new: Table, zone: str) -> dict[str, Any]:
    """Return the counts and names of the rows that differ."""
    before, after = _by_key(old), _by_key(new)
    columns = _shared(old, new)
    added = [key for key in after if key not in before]
    gone = [key for key in before if key not in after]
    cells = {key: _cells(before[key], after[key], columns, zone) for key in after if key in before}
    changed = [key for key, different in cells.items() if different]
    return {
        "added": len(added),
        "gone": len(gone),
        "changed": len(changed),
        "added_keys": _named(added, new, zone),
        "gone_keys": _named(gone, old, zone),
        "changed_rows": [
            RowChange(_named([key], new, zone)[0], cells[key]) for key in changed[:NAMED]
        ],
    }


def _shared(old: Table, new: Table) -> list[tuple[Column, int, int]]:
    """Return the columns of both, each with its place in the old and in the new table."""
    before, after = _names(old), _names(new)
    return [
        (new.columns[after.index(name)], before.index(name), after.index(name))
        for name in after
        if name in before
    ]


def _cells(
    old: Row, new: Row, columns: Sequence[tuple[Column, int, int]], zone: str
) -> list[CellChange]:
    """Return the values that differ as they are shown; a change that nobody sees is none."""
    differing = [
        (column, old[before], new[after])
        for column, before, after in columns
        if old[before] != new[after]
    ]
    cells = [
        CellChange(
            column.label, shown(before, zone, column.digits), shown(after, zone, column.digits)
        )
        for column, before, after in differing
    ]
    return [cell for cell in cells if cell.before != cell.after]


def _by_key(table: Table) -> dict[Key, Row]:
    seen: Counter[Cell] = Counter()
    found: dict[Key, Row] = {}
    for row in table.rows:
        found[row[0], seen[row[0]]] = row
        seen[row[0]] += 1
    return found


def _named(keys: Sequence[Key], table: Table, zone: str) -> list[str]:
    digits = table.columns[0].digits
    return [shown(value, zone, digits) for value, _ in keys[:NAMED]]


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _note(old: Table, new: Table) -> str:
    held = max(
        (len(table.rows) for table in (old, new) if table.row_count > len(table.rows)), default=0
    )
    if not held:
        return ""
    return (
        f"Only the first {held:,} rows of {max(old.row_count, new.row_count):,} are compared; "
        "a row may count as added or gone because others moved it across that line."
    )
