"""The content of an SQL report from the rows of an answer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jobs.reports.columns import Column
from jobs.reports.content import Chart, ChartKind, Figures, Heading, Paragraph, Table
from jobs.reports.rows import Rows
from jobs.reports.sql.answer import AnswerColumn
from jobs.reports.sql.calculations import Calculation, calculated
from jobs.reports.sql.cells import as_cell
from jobs.reports.sql.columns import DeclaredColumn, columns_of
from jobs.reports.sql.content import Answered, content_of
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sections import Section, SectionKind, sections_of
from jobs.reports.sql.summary import places_of
from jobs.reports.values import ValueType

COLUMNS = [
    Column("Day", ValueType.DATE),
    Column("Orders", ValueType.WHOLE),
    Column("Amount", ValueType.DECIMAL, "€", digits=2),
]
ROWS = [(date(2026, 11, 19), 2, 0.1), (date(2026, 11, 20), 3, 0.2), (date(2026, 11, 21), None, 0.3)]


def answered(rows: list[Any] | None = None) -> Answered:
    """Return the answer with these rows."""
    kept = Rows(COLUMNS, ROWS if rows is None else rows)
    return Answered(["day", "orders", "amount"], kept, "Europe/Berlin")


def section(kind: SectionKind, text: str = "It", *columns: str, **more: Any) -> Section:
    """Return a section."""
    return Section(kind, text, columns=columns, **more)


def test_every_kind_of_section_becomes_its_block() -> None:
    sections = [
        section(SectionKind.HEADING, "Orders"),
        section(SectionKind.FIGURE, "Rows"),
        section(SectionKind.FIGURE, "Sales", "amount", calculation=Calculation.SUM),
        section(SectionKind.PARAGRAPH, "Each day:"),
        section(SectionKind.CHART, "By day", "orders", label="day", chart=ChartKind.BAR),
        section(SectionKind.TABLE, "All", "day", "orders"),
    ]
    content = content_of(answered(), sections, "{rows} days, {sum:amount} by {max:day}.")
    heading, figures, paragraph, chart, table = content.blocks
    assert isinstance(heading, Heading)
    assert isinstance(paragraph, Paragraph)
    assert isinstance(figures, Figures)
    assert [(one.name, one.value, one.unit) for one in figures.items] == [
        ("Rows", 3, ""),
        ("Sales", 0.6, "€"),
    ]
    assert isinstance(chart, Chart)
    assert chart.labels == ("19 Nov 2026", "20 Nov 2026", "21 Nov 2026")
    assert chart.series[0].values == (2.0, 3.0, None)
    assert isinstance(table, Table)
    assert [column.name for column in table.columns] == ["Day", "Orders"]
    assert content.summary == "3 days, 0.60\N{NO-BREAK SPACE}€ by 21 Nov 2026."


def test_a_report_without_sections_is_one_table() -> None:
    content = content_of(answered(), sections_of([], "Orders"), "")
    assert [table.title for table in content.tables] == ["Orders"]
    assert content.summary == "Rows: 3."


def test_an_answer_without_rows_has_no_chart_and_sums_of_nothing() -> None:
    sections = [
        section(SectionKind.CHART, "By day", "orders", label="day"),
        section(SectionKind.FIGURE, "Sales", "amount", calculation=Calculation.SUM),
        section(SectionKind.FIGURE, "Mean", "amount", calculation=Calculation.MEAN),
    ]
    content = content_of(answered([]), sections, "{rows}, {first:day}")
    assert [figure.value for figure in content.figures] == [0.0, None]
    assert content.summary == "0, \N{EN DASH}"


def test_a_chart_of_the_first_rows_says_so() -> None:
    chart = section(SectionKind.CHART, "By day", "orders", label="day", points=2)
    [block] = content_of(answered(), [chart], "").blocks
    assert isinstance(block, Chart)
    assert block.description == "orders by day; the first 2 of 3 rows"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            section(SectionKind.TABLE, "All", "amont"),
            "There is no column amont. The answer has: day",
        ),
        (section(SectionKind.FIGURE, "x", "day", calculation=Calculation.SUM), "it is a date"),
        (section(SectionKind.CHART, "x", "day", label="day"), "cannot draw Day"),
        (section(SectionKind.CHART, "x", "orders", "amount", label="day"), "of one unit"),
    ],
)
def test_a_section_that_does_not_fit_is_refused_with_a_sentence(
    wrong: Section, sentence: str
) -> None:
    with pytest.raises(QueryError, match=sentence):
        content_of(answered(), [wrong], "")


def test_two_columns_that_are_shown_alike_are_refused_with_a_sentence() -> None:
    rows = Rows([Column("Day"), Column("Day")], [("a", "b")])
    with pytest.raises(QueryError, match="two columns are called 'Day'"):
        content_of(Answered(["a", "b"], rows, "UTC"), sections_of([], "Days"), "")


@pytest.mark.parametrize("place", ["{row}", "{sum}", "{rows.__class__}", "{median:a}", "{}"])
def test_a_place_in_the_summary_that_nothing_fills_in_is_refused(place: str) -> None:
    with pytest.raises(QueryError, match=r"Write \{rows\}"):
        places_of(f"There are {place}.")


@pytest.mark.parametrize(
    ("calculation", "values", "result"),
    [
        (Calculation.COUNT, [1, None, 3], 2),
        (Calculation.SUM, [0.1] * 10, 1.0),
        (Calculation.SUM, [2**62, 2**62], 2**63),
        (Calculation.SUM, [timedelta(hours=1), timedelta(hours=2)], timedelta(hours=3)),
        (Calculation.MEAN, [1, 2, None], 1.5),
        (Calculation.MIN, [date(2026, 1, 2), date(2026, 1, 1)], date(2026, 1, 1)),
        (Calculation.MAX, [], None),
        (Calculation.FIRST, [None, "b"], "b"),
    ],
)
def test_calculations_pass_over_what_is_not_known(
    calculation: Calculation, values: list[Any], result: object
) -> None:
    assert calculated(calculation, values) == result


BERLIN = datetime(2026, 7, 1, 8, tzinfo=ZoneInfo("Europe/Berlin"))
NAIVE = BERLIN.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "type_", "cell"),
    [
        (True, ValueType.TEXT, "yes"),
        ({"a": [1]}, ValueType.TEXT, '{"a": [1]}'),
        (Decimal("1E+3"), ValueType.TEXT, "1000"),
        (Decimal(12), ValueType.WHOLE, 12),
        (12.5, ValueType.WHOLE, 12.5),
        ("2026-07-01", ValueType.DATE, date(2026, 7, 1)),
        (datetime(2026, 6, 30, 23, tzinfo=UTC), ValueType.DATE, date(2026, 7, 1)),
        ("2026-07-01 06:00:00", ValueType.INSTANT, BERLIN),
        (NAIVE, ValueType.INSTANT, BERLIN),
        (BERLIN, ValueType.INSTANT, BERLIN),
        (90, ValueType.DURATION, timedelta(seconds=90)),
        ("soon", ValueType.INSTANT, "soon"),
        (None, ValueType.WHOLE, None),
    ],
)
def test_a_drivers_value_becomes_its_columns_cell(
    value: object, type_: ValueType, cell: object
) -> None:
    assert as_cell(value, type_, "Europe/Berlin") == cell


@pytest.mark.parametrize("value", [b"x", memoryview(b"x"), "x" * 40_000])
def test_what_no_column_holds_is_refused(value: object) -> None:
    with pytest.raises(QueryError, match=r"A value is made of bytes|characters"):
        as_cell(value, ValueType.TEXT, "UTC")


def test_types_come_from_the_writer_else_the_driver_else_the_first_rows() -> None:
    columns = columns_of(
        [
            AnswerColumn("a", ValueType.WHOLE),
            AnswerColumn("b"),
            AnswerColumn("c"),
            AnswerColumn("d"),
        ],
        [(1, 1, "x", 1), (2, 2.5, 3, None)],
        [DeclaredColumn("a", "Amount", ValueType.DECIMAL, "€", 0)],
    )
    assert columns[0] == Column("Amount", ValueType.DECIMAL, "€", 0)
    assert [column.type for column in columns[1:]] == [
        ValueType.DECIMAL,
        ValueType.TEXT,
        ValueType.WHOLE,
    ]
    with pytest.raises(QueryError, match="The column x is declared, but the answer has: a"):
        columns_of([AnswerColumn("a")], [], [DeclaredColumn("x")])
