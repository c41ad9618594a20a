"""The bars and lines of a chart. Pure."""

from collections.abc import Iterator
from itertools import groupby

from jobs.reports.content import Chart, ChartKind, Series
from jobs.reports.rendering.chart_scale import Scale
from jobs.reports.rendering.svg import element
from jobs.reports.rendering.text import shown_decimal

COLOURS = ("#2f5bd0", "#c2570c", "#1c7a46", "#8e44ad")
# Lines differ by more than their colour.
DASHES = (None, "7 4", "2 3", "9 3 2 3")
# More points than this would touch each other.
MOST_DOTS = 40


def marks(chart: Chart, left: float, right: float, scale: Scale) -> str:
    """Return what draws the values of `chart` between `left` and `right`."""
    if not chart.labels:
        return ""
    slot = (right - left) / len(chart.labels)
    match chart.kind:
        case ChartKind.LINE:
            drawn = [_line(chart, number, left, slot, scale) for number in range(len(chart.series))]
        case ChartKind.BAR:
            drawn = list(_grouped_bars(chart, left, slot, scale))
        case ChartKind.STACKED_BAR:
            drawn = list(_stacked_bars(chart, left, slot, scale))
    return "".join(drawn)


def _line(chart: Chart, number: int, left: float, slot: float, scale: Scale) -> str:
    """Return a series as lines, broken where a value is not known, and its points."""
    series = chart.series[number]
    points = [
        (index, left + slot * (index + 0.5), value) for index, value in enumerate(series.values)
    ]
    look = {"class_": f"line series-{number + 1}", "fill": "none", "stroke": COLOURS[number]}
    parts = []
    for known, group in groupby(points, key=lambda point: point[2] is not None):
        if known:
            path = " ".join(f"{x:.1f},{scale.position(value or 0):.1f}" for _, x, value in group)
            parts.append(
                element(
                    "polyline",
                    points=path,
                    stroke_width=2.5,
                    stroke_linejoin="round",
                    stroke_dasharray=DASHES[number],
                    **look,
                )
            )
    parts.extend(
        _dot(chart, number, index, x, value, scale)
        for index, x, value in points
        if value is not None
    )
    return "".join(parts)


def _dot(chart: Chart, number: int, index: int, x: float, value: float, scale: Scale) -> str:
    alone = stands_alone(chart.series[number], index)
    return element(
        "circle",
        element("title", text=_said(chart, number, index)),
        class_=f"dot series-{number + 1}",
        cx=x,
        cy=scale.position(value),
        r=3 if alone or len(chart.labels) <= MOST_DOTS else 0,
        fill=COLOURS[number],
    )


def stands_alone(series: Series, index: int) -> bool:
    """Return whether no line reaches this value: without a dot it would not be seen."""
    around = [*series.values[max(index - 1, 0) : index], *series.values[index + 1 : index + 2]]
    return all(value is None for value in around)


def _grouped_bars(chart: Chart, left: float, slot: float, scale: Scale) -> Iterator[str]:
    width = slot * 0.7 / len(chart.series)
    for number, series in enumerate(chart.series):
        for index, value in enumerate(series.values):
            x = left + slot * (index + 0.15) + width * number
            ends = (scale.position(0), scale.position(value or 0))
            yield _bar(number, x, width, ends, _said(chart, number, index))


def _stacked_bars(chart: Chart, left: float, slot: float, scale: Scale) -> Iterator[str]:
    for index in range(len(chart.labels)):
        base = 0.0
        x = left + slot * (index + 0.15)
        for number, series in enumerate(chart.series):
            value = series.values[index] or 0
            ends = (scale.position(base), scale.position(base + value))
            yield _bar(number, x, slot * 0.7, ends, _said(chart, number, index))
            base += value


def _bar(number: int, x: float, width: float, ends: tuple[float, float], said: str) -> str:
    top, bottom = sorted(ends)
    if bottom - top < 0.05:
        return ""
    return element(
        "rect",
        element("title", text=said),
        class_=f"bar series-{number + 1}",
        x=x,
        y=top,
        width=width,
        height=bottom - top,
        rx=min(2.0, width / 4),
        fill=COLOURS[number],
    )


def _said(chart: Chart, number: int, index: int) -> str:
    """Return what pointing at a mark tells: "Mon 16, High: 12.5 °C"."""
    series = chart.series[number]
    value = shown_decimal(series.values[index] or 0, chart.digits)
    return f"{chart.labels[index]}, {series.name}: {value} {chart.unit}".rstrip()
