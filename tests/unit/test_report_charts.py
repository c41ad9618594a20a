"""Charts as SVG, and how values are written for people."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.reports.content import Chart, ChartKind, Series
from jobs.reports.rendering.chart_scale import scale_for
from jobs.reports.rendering.chart_svg import chart_svg
from jobs.reports.rendering.layout import chart_as_table
from jobs.reports.rendering.text import shown
from jobs.reports.values import Cell

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.none() | st.floats(-1e9, 1e9)


def chart(kind: ChartKind, *series: Sequence[float | None]) -> Chart:
    """Return a chart of the given values."""
    named = [Series(f"Series {number}", values) for number, values in enumerate(series)]
    labels = [f"L{number}" for number in range(len(series[0]))]
    return Chart("Title", kind, labels, named, "What it shows.", unit="mm", digits=1)


def drawn(made: Chart, width: int = 800) -> ET.Element:
    """Return the SVG of a chart, parsed."""
    return ET.fromstring(chart_svg(made, "key", width))


def test_a_chart_names_and_describes_itself() -> None:
    svg = drawn(chart(ChartKind.LINE, [1, 2]))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "key-title key-desc"
    title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (title.get("id"), title.text) == ("key-title", "Title")
    assert (description.get("id"), description.text) == ("key-desc", "What it shows.")


def test_text_of_the_data_is_never_markup() -> None:
    evil = '</text><script>alert("x")</script>&amp;\'"'
    made = Chart(evil, ChartKind.BAR, [evil], [Series(evil, [1])], evil, unit=evil)
    svg = chart_svg(made, "key", 800)
    assert "<script" not in svg
    texts = [element.text for element in ET.fromstring(svg).iter() if element.text]
    assert evil in texts


def test_a_chart_has_no_style_that_a_content_security_policy_refuses() -> None:
    svg = drawn(chart(ChartKind.STACKED_BAR, [1, 2], [3, 4]))
    for element in svg.iter():
        assert "style" not in element.attrib
        assert not element.tag.endswith("style")


def test_every_mark_has_the_class_and_the_colour_of_its_series() -> None:
    for kind in ChartKind:
        svg = drawn(chart(kind, [1, 2, 3], [3, 2, 1]))
        marks = [one for one in svg.iter() if "series-2" in one.get("class", "")]
        assert marks
        assert all("#c2570c" in (one.get("fill"), one.get("stroke")) for one in marks)


def test_bars_are_measured_from_zero() -> None:
    svg = drawn(chart(ChartKind.BAR, [90, 45]))
    high, low = [
        float(one.attrib["height"])
        for one in svg.iter(f"{SVG}rect")
        if one.find(f"{SVG}title") is not None
    ]
    assert high == pytest.approx(2 * low, abs=0.2)


def test_stacked_bars_stand_on_each_other() -> None:
    svg = drawn(chart(ChartKind.STACKED_BAR, [10], [30]))
    lower, upper = [one for one in svg.iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]
    foot = float(upper.attrib["y"]) + float(upper.attrib["height"])
    assert foot == pytest.approx(float(lower.attrib["y"]), abs=0.2)


def test_a_line_is_broken_where_a_value_is_not_known() -> None:
    svg = drawn(chart(ChartKind.LINE, [1, 2, None, 4, 5, None, 7]))
    lines = [one.attrib["points"].split() for one in svg.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [2, 2, 1]
    dots = [one for one in svg.iter(f"{SVG}circle") if float(one.attrib["r"]) > 0]
    assert len(dots) == 5


def test_labels_that_would_touch_are_left_out() -> None:
    many = chart(ChartKind.BAR, [1] * 100)
    labels = [one.text for one in drawn(many, 380).iter(f"{SVG}text") if (one.text or "")[0] == "L"]
    assert labels[:2] == ["L0", labels[1]]
    assert len(labels) < 20


@given(
    st.sampled_from(list(ChartKind)),
    st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1, max_size=4),
)
def test_whatever_the_values_the_marks_lie_within_the_drawing(
    kind: ChartKind, values: list[list[float | None]]
) -> None:
    if kind is ChartKind.STACKED_BAR:
        values = [[None if value is None else abs(value) for value in row] for row in values]
    svg = drawn(chart(kind, *values))
    _, _, width, height = (float(one) for one in svg.attrib["viewBox"].split())
    for mark in svg.iter():
        for name, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert -0.1 <= float(mark.get(name, 0)) <= most + 0.1
    numbers = re.findall(r'="([^"]*)"', ET.tostring(svg, encoding="unicode"))
    assert not {"nan", "inf", "-inf"} & set(numbers)


def test_a_chart_without_labels_can_be_drawn() -> None:
    drawn(chart(ChartKind.LINE, []))


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_a_scale_encloses_its_values_with_few_ticks(one: float, other: float) -> None:
    low, high = sorted((one, other))
    scale = scale_for(low, high, bottom=100, top=0)
    room = (scale.ticks[-1] - scale.ticks[0]) * 1e-6
    assert scale.ticks[0] <= low + room
    assert scale.ticks[-1] >= high - room
    assert 2 <= len(scale.ticks) <= 8


@pytest.mark.parametrize("high", [1, 2, 6, 9, 11, 13, 40, 1234])
def test_the_ticks_of_whole_numbers_are_whole(high: int) -> None:
    ticks = scale_for(0, high, 0, 100, whole=True).ticks
    assert all(float(tick).is_integer() for tick in ticks)
    assert 2 <= len(ticks) <= 7


@pytest.mark.parametrize(
    ("low", "high", "ticks", "digits"),
    [
        (0, 10, (0, 2, 4, 6, 8, 10), 0),
        (0, 0, (0, 0.2, 0.4, 0.6, 0.8, 1.0), 1),
        (-2.1, 13.3, (-5, 0, 5, 10, 15), 0),
        (0, 0.9, (0, 0.2, 0.4, 0.6, 0.8, 1.0), 1),
    ],
)
def test_the_ticks_are_round_numbers(
    low: float, high: float, ticks: tuple[float, ...], digits: int
) -> None:
    scale = scale_for(low, high, bottom=100, top=0)
    assert scale.ticks == pytest.approx(ticks)
    assert scale.digits == digits


def test_the_numbers_of_a_chart_can_be_read_as_a_table() -> None:
    table = chart_as_table(chart(ChartKind.LINE, [1, None], [3, 4]))
    assert [column.name for column in table.columns] == ["Label", "Series 0", "Series 1"]
    assert table.rows == (("L0", 1, 3), ("L1", None, 4))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        ("=<b>", "=<b>"),
        (1234567, "1,234,567"),
        (-5, "\N{MINUS SIGN}5"),
        (1234.56, "1,234.6"),
        (-0.04, "0.0"),
        (date(2026, 3, 1), "1 Mar 2026"),
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), "22 Nov 2026, 00:30"),
        (timedelta(milliseconds=120), "0.12 s"),
        (timedelta(seconds=59.4), "59 s"),
        (timedelta(seconds=200), "3 min 20 s"),
        (timedelta(minutes=125), "2 h 5 min"),
        (timedelta(seconds=-90), "\N{MINUS SIGN}1 min 30 s"),
    ],
)
def test_values_are_written_for_people(value: Cell, text: str) -> None:
    assert shown(value, "Europe/Berlin") == text
