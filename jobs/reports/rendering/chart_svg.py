"""Charts as SVG that stands in a page, follows its theme, prints, and can be put into a PDF. Pure.

Classes carry the colours on a page; the presentation attributes beside them, which any style
sheet overrules, are the colours wherever there is none.
"""

from dataclasses import dataclass, replace

from jobs.reports.content import Chart, ChartKind
from jobs.reports.rendering.chart_marks import COLOURS, DASHES, marks
from jobs.reports.rendering.chart_scale import Scale, scale_for
from jobs.reports.rendering.svg import element
from jobs.reports.rendering.text import shown_decimal

TEXT_COLOUR = "#1b2330"
MUTED_COLOUR = "#566073"
LINE_COLOUR = "#dde1e8"
FONT_SIZE = 12
# The average width of a character in a sans serif of that size, on the safe side.
CHARACTER_WIDTH = 6.8
LEGEND_LINE = 20


@dataclass(frozen=True)
class Frame:
    """Where the plot lies within the drawing."""

    width: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Return the height of the whole drawing: the labels need a line below the plot."""
        return self.bottom + 26


def chart_svg(chart: Chart, key: str, width: int) -> str:
    """Return `chart` as one <svg>, `width` units wide, that names and describes itself.

    `key` makes the ids of its title and description unique within the page.
    """
    legend, legend_height = _legend(chart, width)
    frame = Frame(width, 0, width - 12, legend_height + 14, legend_height + _plot_height(width))
    low, high = _range(chart)
    wanted = 5 if width > 500 else 4
    scale = scale_for(low, high, frame.bottom, frame.top, wanted, whole=_counts(chart))
    ticks = [shown_decimal(tick, scale.digits) for tick in scale.ticks]
    frame = replace(frame, left=12 + max(len(tick) for tick in ticks) * CHARACTER_WIDTH)
    return _drawing(
        chart,
        key,
        frame,
        _grid(frame, scale, ticks),
        marks(chart, frame.left, frame.right, scale),
        _labels(chart, frame),
        legend,
    )


def _plot_height(width: int) -> float:
    return 250 if width > 500 else 200


def _drawing(chart: Chart, key: str, frame: Frame, *inner: str) -> str:
    return element(
        "svg",
        element("title", text=chart.title, id=f"{key}-title"),
        element("desc", text=chart.description, id=f"{key}-desc"),
        *inner,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {frame.width:g} {frame.height:g}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
        font_size=FONT_SIZE,
        font_family="system-ui, 'Libertinus Serif', sans-serif",
    )


def _counts(chart: Chart) -> bool:
    """Return whether every number of the chart is a whole one."""
    return all(float(value or 0).is_integer() for series in chart.series for value in series.values)


def _range(chart: Chart) -> tuple[float, float]:
    """Return the smallest and largest number drawn; bars are measured from zero."""
    known = [value for series in chart.series for value in series.values if value is not None]
    if chart.kind is ChartKind.STACKED_BAR:
        columns = zip(*(series.values for series in chart.series), strict=True)
        known = [sum(value or 0 for value in column) for column in columns]
    if chart.kind is not ChartKind.LINE:
        known.append(0)
    return (min(known), max(known)) if known else (0, 1)


def _grid(frame: Frame, scale: Scale, ticks: list[str]) -> str:
    parts = []
    for value, label in zip(scale.ticks, ticks, strict=True):
        y = scale.position(value)
        parts.append(
            element(
                "line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="grid", stroke=LINE_COLOUR
            )
        )
        parts.append(_text(label, frame.left - 6, y + 4, "end"))
    return "".join(parts)


def _labels(chart: Chart, frame: Frame) -> str:
    """Return the labels below the plot, only every n-th where they would touch."""
    slot = (frame.right - frame.left) / max(len(chart.labels), 1)
    longest = max((len(label) for label in chart.labels), default=0) * CHARACTER_WIDTH + 8
    every = max(1, -int(-longest // slot))
    return "".join(
        _text(label, frame.left + slot * (index + 0.5), frame.bottom + 18, "middle")
        for index, label in enumerate(chart.labels)
        if index % every == 0
    )


def _legend(chart: Chart, width: int) -> tuple[str, float]:
    """Return the names of the series with their marks, on as many lines as needed; its height."""
    parts, x, y = [], 4.0, 14.0
    unit = f" ({chart.unit})" if chart.unit else ""
    for number, series in enumerate(chart.series):
        name = series.name + unit
        needed = 32 + len(name) * CHARACTER_WIDTH
        if x > 4 and x + needed > width:
            x, y = 4.0, y + LEGEND_LINE
        parts.append(_legend_mark(chart.kind, number, x, y))
        parts.append(_text(name, x + 24, y, "start", "chart-text", TEXT_COLOUR))
        x += needed
    return "".join(parts), y


def _legend_mark(kind: ChartKind, number: int, x: float, y: float) -> str:
    if kind is ChartKind.LINE:
        return element(
            "line",
            class_=f"line series-{number + 1}",
            stroke=COLOURS[number],
            stroke_width=2.5,
            stroke_dasharray=DASHES[number],
            x1=x,
            x2=x + 18,
            y1=y - 4,
            y2=y - 4,
        )
    return element(
        "rect",
        class_=f"bar series-{number + 1}",
        fill=COLOURS[number],
        x=x + 4,
        y=y - 10,
        width=12,
        height=12,
        rx=2,
    )


def _text(
    text: str,
    x: float,
    y: float,
    anchor: str,
    class_: str = "chart-muted",
    colour: str = MUTED_COLOUR,
) -> str:
    return element("text", text=text, x=x, y=y, text_anchor=anchor, class_=class_, fill=colour)
