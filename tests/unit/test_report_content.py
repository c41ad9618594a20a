"""What a report may say, and what is said to those who make it wrongly."""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.reports.content import (
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Series,
    Table,
)
from jobs.reports.content_json import from_json, to_json
from jobs.reports.values import Cell, ContentError, ValueType

ALL_TYPES = [Column(type_.value, type_) for type_ in ValueType]
MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FULL_ROW: list[Cell] = ["text", 7, 1.5, date(2026, 2, 28), MOMENT, timedelta(seconds=90.25)]


def full_content() -> Content:
    """Return a content with every kind of block and value."""
    return Content(
        summary="All of it.",
        main_table="Values",
        blocks=[
            Heading("A heading"),
            Paragraph("A paragraph\nof two lines."),
            Figures([Figure("Count", 3), Figure("Mean", None, "°C", ValueType.DECIMAL, note="n")]),
            Table(
                "Values", ALL_TYPES, [FULL_ROW, [None] * len(ALL_TYPES), ["", 0, 0, *FULL_ROW[3:]]]
            ),
            Chart("Line", ChartKind.LINE, ["a", "b"], [Series("s", [1, None])], "How it went."),
        ],
    )


def test_a_content_read_back_from_json_is_the_same() -> None:
    stored = json.dumps(to_json(full_content()))
    assert from_json(json.loads(stored)) == full_content()


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(),
            st.none() | st.integers(),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.dates(),
            st.none() | st.datetimes(timezones=st.just(UTC)),
            st.none() | st.timedeltas(timedelta(days=-3000), timedelta(days=3000)),
        ),
        max_size=5,
    )
)
def test_any_row_of_the_right_types_survives_json(rows: list[tuple[Any, ...]]) -> None:
    content = Content("s", [Table("T", ALL_TYPES, rows)])
    assert from_json(json.loads(json.dumps(to_json(content)))) == content


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (ValueType.TEXT, 5),
        (ValueType.WHOLE, "5"),
        (ValueType.WHOLE, True),
        (ValueType.WHOLE, 5.0),
        (ValueType.DECIMAL, "5.0"),
        (ValueType.DECIMAL, float("nan")),
        (ValueType.DECIMAL, Decimal("Infinity")),
        (ValueType.DECIMAL, 10**400),
        (ValueType.DATE, MOMENT),
        (ValueType.DATE, "2026-11-21"),
        (ValueType.INSTANT, datetime(2026, 11, 21)),  # noqa: DTZ001
        (ValueType.INSTANT, date(2026, 11, 21)),
        (ValueType.DURATION, 60),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(type_: ValueType, value: Any) -> None:
    place = re.escape(
        f"Table 'Days', row 2, column 'Worth': {value!r} is not a {type_.value}. Give"
    )
    with pytest.raises(ContentError, match=place):
        Table("Days", [Column("Worth", type_)], [[None], [value]])


def test_a_row_of_the_wrong_length_is_refused_with_its_place() -> None:
    with pytest.raises(ContentError, match=r"Table 'Days', row 1: it has 1 values for 2 columns\."):
        Table("Days", [Column("a"), Column("b")], [["x"]])


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ContentError, match="two columns are called 'a'"):
        Table("Days", [Column("a"), Column("b"), Column("a")], [])


def test_a_series_needs_a_value_for_each_label() -> None:
    with pytest.raises(ContentError, match="Chart 'C': series 's' has 1 values for 2 labels"):
        Chart("C", ChartKind.BAR, ["a", "b"], [Series("s", [1])], "d")


def test_negative_values_cannot_be_stacked() -> None:
    with pytest.raises(ContentError, match="negative value"):
        Chart("C", ChartKind.STACKED_BAR, ["a"], [Series("s", [-1])], "d")


def test_a_main_table_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ContentError, match="The main table 'Nights' does not exist"):
        Content("s", [Table("Days", [Column("a")], [])], main_table="Nights")


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_heading_needs_words(text: str) -> None:
    with pytest.raises(ContentError, match="A heading: its text is empty"):
        Heading(text)


def test_what_no_file_format_can_hold_is_replaced() -> None:
    table = Table("T", [Column("a")], [["a\x00b\ud800c\ufffe\tline\nend"]])
    assert table.rows == (("a\ufffdb\ufffdc\ufffd\tline\nend",),)


def test_instants_are_kept_in_utc_and_decimals_as_floats() -> None:
    local = datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=1)))
    columns = [Column("a", ValueType.INSTANT), Column("b", ValueType.DECIMAL)]
    [row] = Table("T", columns, [[local, Decimal("1.5")]]).rows
    assert [repr(value) for value in row] == [
        "datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.timezone.utc)",
        "1.5",
    ]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), 2, "its format is not 1"),
        (("blocks",), None, "blocks: there is no list"),
        (("blocks", 0, "block"), "video", r"blocks\[0\]: its block 'video' is none of heading"),
        (("blocks", 3, "rows", 0, 3), "2026-02-30", r"blocks\[3\]\.rows\[0\]\[3\]: '2026-02-30'"),
        (("blocks", 3, "rows", 0), ["x"], r"blocks\[3\]\.rows\[0\]: it has 1 values for 6"),
        (("blocks", 3, "columns", 1, "type"), "whole", r"blocks\[3\]\.columns\[1\]: 'whole'"),
        (("blocks", 2, "items", 0, "value"), "three", r"blocks\[2\]\.items\[0\]: Figure 'Count'"),
        (("blocks", 4, "series", 0), 5, r"blocks\[4\]\.series\[0\]: 5 is no object"),
    ],
)
def test_a_broken_stored_content_is_refused_with_its_place(
    path: tuple[str | int, ...], value: Any, message: str
) -> None:
    stored: Any = to_json(full_content())
    inner = stored
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(ContentError, match=message):
        from_json(stored)
