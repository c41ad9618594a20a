"""What a report says: headings, paragraphs, figures, tables and charts. Pure.

One content is rendered to the page, PDF, XLSX and CSV. Whatever is wrong with it is said when
it is made, with its place; what exists can be rendered. Values are brought to one form (see
`jobs.reports.values`), so that a content read back from JSON equals the one that was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jobs.reports.columns import Column, Row, check_columns, check_digits, clean_row
from jobs.reports.spool import Rows
from jobs.reports.values import Cell, ContentError, ValueType, clean_text, clean_value, named

__all__ = [
    "SUMMARY_LENGTH",
    "Block",
    "Chart",
    "ChartKind",
    "Column",
    "Content",
    "Figure",
    "Figures",
    "Heading",
    "Paragraph",
    "Series",
    "Table",
]

SUMMARY_LENGTH = 500


@dataclass(frozen=True)
class Heading:
    """The title of what follows."""

    text: str

    def __post_init__(self) -> None:
        """Bring the text to its one form."""
        _set(self, text=named(self.text, "A heading"))


@dataclass(frozen=True)
class Paragraph:
    """Plain text; markup in it is shown, not obeyed."""

    text: str

    def __post_init__(self) -> None:
        """Bring the text to its one form."""
        _set(self, text=named(self.text, "A paragraph"))


@dataclass(frozen=True)
class Figure:
    """One value with its name: `Figure("Mean high", 12.5, "°C", ValueType.DECIMAL)`."""

    name: str
    value: Cell
    unit: str = ""
    type: ValueType = ValueType.WHOLE
    digits: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        """Check the value against its type."""
        name = named(self.name, "A figure")
        check_digits(self.digits, f"Figure {name!r}")
        _set(
            self,
            name=name,
            value=clean_value(self.value, ValueType(self.type), f"Figure {name!r}"),
            type=ValueType(self.type),
            unit=clean_text(self.unit),
            note=clean_text(self.note),
        )


@dataclass(frozen=True)
class Figures:
    """Figures that stand beside each other."""

    items: Sequence[Figure]

    def __post_init__(self) -> None:
        """Refuse an empty row of figures."""
        if not self.items:
            raise ContentError("Figures: there is none. Give at least one Figure.")
        _set(self, items=tuple(self.items))


@dataclass(frozen=True)
class Table:
    """Rows of typed values; None is "not known" and may stand anywhere.

    `rows` may be a sequence or, where they are many, `spooled` ones (see `jobs.reports.rows`).
    `total` is how many rows there are where `rows` are only the first of them, as in a version
    that is read back; None: `rows` are all.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]] | Rows
    total: int | None = None

    def __post_init__(self) -> None:
        """Check every row against the columns."""
        title = named(self.title, "A table")
        place = f"Table {title!r}"
        columns = check_columns(self.columns, place)
        _set(self, title=title, columns=columns, rows=_clean_rows(self.rows, columns, place))
        if self.total is not None and self.total < len(self.rows):
            raise ContentError(f"{place}: it has more rows than its total of {self.total}.")

    @property
    def row_count(self) -> int:
        """Return how many rows there are, those that are not here too."""
        return len(self.rows) if self.total is None else self.total

    def first_rows(self, count: int) -> Sequence[Sequence[Cell]]:
        """Return the first `count` rows, or all when there are fewer."""
        return self.rows.first(count) if isinstance(self.rows, Rows) else self.rows[:count]


class ChartKind(StrEnum):
    """How a chart draws its series."""

    LINE = "line"
    BAR = "bar"
    # For parts of a whole: its values must not be negative.
    STACKED_BAR = "stacked bar"


@dataclass(frozen=True)
class Series:
    """One named row of a chart's numbers; None leaves a gap."""

    name: str
    values: Sequence[float | None]

    def __post_init__(self) -> None:
        """Check that the values are numbers."""
        name = named(self.name, "A series")
        values = tuple(
            clean_value(value, ValueType.DECIMAL, f"Series {name!r}, value {number}")
            for number, value in enumerate(self.values, start=1)
        )
        _set(self, name=name, values=values)


@dataclass(frozen=True)
class Chart:
    """One to four series over the same labels; `description` is read to who cannot see it.

    `label_name` says what the labels are, "Day" for example, where the numbers stand as a table.
    """

    title: str
    kind: ChartKind
    labels: Sequence[str]
    series: Sequence[Series]
    description: str
    unit: str = ""
    digits: int = 0
    label_name: str = "Label"

    def __post_init__(self) -> None:
        """Check that every series has a value for every label."""
        title = named(self.title, "A chart")
        place = f"Chart {title!r}"
        check_digits(self.digits, place)
        if not 1 <= len(self.series) <= 4:
            raise ContentError(f"{place}: it has {len(self.series)} series. Give 1 to 4.")
        for series in self.series:
            _check_series(series, len(self.labels), ChartKind(self.kind), place)
        _set(
            self,
            title=title,
            kind=ChartKind(self.kind),
            labels=tuple(clean_text(label) for label in self.labels),
            series=tuple(self.series),
            description=named(self.description, f"{place}: its description"),
            unit=clean_text(self.unit),
            label_name=named(self.label_name, f"{place}: the name of its labels"),
        )


Block = Heading | Paragraph | Figures | Table | Chart


@dataclass(frozen=True)
class Content:
    """A whole report: one sentence that sums it up, and its blocks in reading order.

    `main_table` is the title of the table that the CSV download holds, "" for the first one.
    """

    summary: str
    blocks: Sequence[Block]
    main_table: str = ""

    def __post_init__(self) -> None:
        """Check the summary and that the main table exists."""
        summary = named(self.summary, "The summary")
        if len(summary) > SUMMARY_LENGTH:
            raise ContentError(
                f"The summary has {len(summary)} characters. Use {SUMMARY_LENGTH} at most."
            )
        _set(self, summary=summary, blocks=tuple(self.blocks))
        titles = [table.title for table in self.tables]
        if self.main_table and self.main_table not in titles:
            raise ContentError(
                f"The main table {self.main_table!r} does not exist. The tables are: {titles}."
            )

    @property
    def tables(self) -> list[Table]:
        """Return the tables in reading order."""
        return [block for block in self.blocks if isinstance(block, Table)]

    @property
    def figures(self) -> list[Figure]:
        """Return all figures in reading order."""
        rows = [block for block in self.blocks if isinstance(block, Figures)]
        return [figure for row in rows for figure in row.items]


def _set(instance: object, **values: object) -> None:
    # The dataclasses are frozen for everyone but their own __post_init__.
    for name, value in values.items():
        object.__setattr__(instance, name, value)


def _check_series(series: Series, labels: int, kind: ChartKind, place: str) -> None:
    if len(series.values) != labels:
        raise ContentError(
            f"{place}: series {series.name!r} has {len(series.values)} values for {labels} labels. "
            "Give one value, or None, for each label."
        )
    if kind is ChartKind.STACKED_BAR and any((value or 0) < 0 for value in series.values):
        raise ContentError(
            f"{place}: series {series.name!r} has a negative value, which cannot be stacked. "
            "Use ChartKind.BAR."
        )


def _clean_rows(
    rows: Sequence[Sequence[Cell]] | Rows, columns: tuple[Column, ...], place: str
) -> tuple[Row, ...] | Rows:
    if not isinstance(rows, Rows):
        numbered = enumerate(rows, start=1)
        return tuple(clean_row(row, columns, f"{place}, row {number}") for number, row in numbered)
    if [column.type for column in rows.columns] != [column.type for column in columns]:
        raise ContentError(f"{place}: its rows were spooled with columns of other types.")
    return rows
