"""The content of an SQL report, from the rows of its answer and its sections. Pure."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby

from jobs.reports.columns import Column
from jobs.reports.content import (
    SUMMARY_LENGTH,
    Block,
    Chart,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Series,
    Table,
)
from jobs.reports.rendering.text import shown
from jobs.reports.rows import Rows
from jobs.reports.sql.calculations import ADDED, Calculation, calculated, type_of_result
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sections import Section, SectionKind
from jobs.reports.sql.summary import filled_in, places_of
from jobs.reports.values import Cell, ContentError


class Answered:
    """The rows of an answer, by the query's names of their columns."""

    def __init__(self, names: Sequence[str], rows: Rows, zone: str) -> None:
        self.names = list(names)
        self.rows = rows
        self.zone = zone
        self._values: dict[str, list[Cell]] = {}

    def place(self, name: str) -> int:
        """Return where a column stands; raise QueryError when there is none of this name."""
        if name not in self.names:
            raise QueryError(
                f"There is no column {name}. The answer has: {', '.join(self.names)}. "
                "Correct the section, or the summary."
            )
        return self.names.index(name)

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return self.rows.columns[self.place(name)]

    def read(self, names: set[str]) -> None:
        """Keep all values of these columns; the rows are read once for all of them."""
        places = {name: self.place(name) for name in names}
        self._values = {name: [] for name in names}
        for row in self.rows if places else ():
            for name, place in places.items():
                self._values[name].append(row[place])

    def figure(self, calculation: Calculation, name: str, title: str) -> Figure:
        """Return what is made of a column that was read."""
        column = self.column(name)
        type_ = type_of_result(calculation, column)
        unit = "" if calculation is Calculation.COUNT else column.unit
        value = calculated(calculation, self._values[name])
        return Figure(title, value, unit, type_, column.digits)

    def shown(self, calculation: Calculation, name: str) -> str:
        """Return what is made of a column as text, with its unit."""
        figure = self.figure(calculation, name, name)
        text = shown(figure.value, self.zone, figure.digits)
        return f"{text}\N{NO-BREAK SPACE}{figure.unit}" if figure.unit else text


def content_of(answered: Answered, sections: Sequence[Section], summary: str) -> Content:
    """Return the content; raise QueryError for a section that does not fit the columns."""
    figures = [one for one in sections if one.kind is SectionKind.FIGURE]
    named = {name for one in figures for name in one.columns}
    answered.read(named | {name for _, name in places_of(summary)})
    sentence = filled_in(summary, f"{len(answered.rows):,}", answered.shown)
    if len(sentence) > SUMMARY_LENGTH:
        raise QueryError(f"The summary has more than {SUMMARY_LENGTH} characters. Shorten it.")
    try:
        return Content(sentence, _all_blocks(sections, answered))
    except ContentError as problem:
        raise QueryError(str(problem)) from None


def _all_blocks(sections: Sequence[Section], answered: Answered) -> list[Block]:
    return [
        block
        for kind, group in groupby(sections, key=lambda one: one.kind)
        for block in _blocks(kind, list(group), answered)
    ]


def _blocks(kind: SectionKind, sections: list[Section], answered: Answered) -> list[Block]:
    if kind is SectionKind.FIGURE:
        return [Figures([_figure(section, answered) for section in sections])]
    return [made for section in sections for made in BLOCKS[kind](section, answered)]


def _figure(section: Section, answered: Answered) -> Figure:
    if section.calculation is Calculation.COUNT and not section.columns:
        return Figure(section.text, len(answered.rows))
    [name] = section.columns
    return answered.figure(section.calculation, name, section.text)


def _heading(section: Section, _: Answered) -> list[Block]:
    return [Heading(section.text)]


def _paragraph(section: Section, _: Answered) -> list[Block]:
    return [Paragraph(section.text)]


def _table(section: Section, answered: Answered) -> list[Block]:
    if not section.columns:
        return [Table(section.text, answered.rows.columns, answered.rows)]
    places = [answered.place(name) for name in section.columns]
    columns = [answered.rows.columns[place] for place in places]
    rows: Rows = Rows(columns, ([row[place] for place in places] for row in answered.rows))
    return [Table(section.text, columns, rows)]


def _chart(section: Section, answered: Answered) -> list[Block]:
    """Return the chart of the first rows; none when there are no rows."""
    rows = answered.rows.first(section.points)
    if not rows:
        return []
    label, columns = answered.place(section.label), [answered.column(n) for n in section.columns]
    _check_drawn(section, columns)
    text = partial(shown, zone=answered.zone, digits=answered.rows.columns[label].digits)
    return [
        Chart(
            title=section.text,
            kind=section.chart,
            labels=[text(row[label]) for row in rows],
            series=[_series(answered.place(name), answered, rows) for name in section.columns],
            description=_description(section, len(rows), len(answered.rows)),
            unit=columns[0].unit,
            digits=columns[0].digits,
            label_name=answered.rows.columns[label].name,
        )
    ]


def _check_drawn(section: Section, columns: Sequence[Column]) -> None:
    for column in columns:
        if column.type not in ADDED or column.unit != columns[0].unit:
            raise QueryError(
                f"The chart {section.text} cannot draw {column.name}: its values must be numbers, "
                "and those of one chart of one unit."
            )


def _series(place: int, answered: Answered, rows: Sequence[Sequence[Cell]]) -> Series:
    return Series(answered.rows.columns[place].name, [_number(row[place]) for row in rows])


def _number(value: Cell) -> float | None:
    if value is None or isinstance(value, int | float):
        return value
    # A duration is drawn as its seconds.
    return value.total_seconds() if isinstance(value, timedelta) else None


def _description(section: Section, drawn: int, rows: int) -> str:
    words = f"{', '.join(section.columns)} by {section.label}"
    return words if drawn == rows else f"{words}; the first {drawn:,} of {rows:,} rows"


BLOCKS: dict[SectionKind, Callable[[Section, Answered], list[Block]]] = {
    SectionKind.HEADING: _heading,
    SectionKind.PARAGRAPH: _paragraph,
    SectionKind.TABLE: _table,
    SectionKind.CHART: _chart,
}
