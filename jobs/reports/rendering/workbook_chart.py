"""A chart as a sheet: its numbers, and beside them a chart that the spreadsheet draws itself."""

from typing import Any

from jobs.reports.content import Chart, ChartKind
from jobs.reports.rendering.chart_marks import COLOURS, MOST_DOTS, stands_alone
from jobs.reports.rendering.layout import chart_as_table
from jobs.reports.rendering.workbook_table import write_table

# Lines differ by more than their colour, as they do on the page.
DASHES = ("solid", "dash", "round_dot", "long_dash_dot")
SIZE = {"width": 760, "height": 400}
# Fainter than what is drawn.
GRID = {"visible": True, "line": {"color": "#d9dde3", "width": 0.75}}


def write_chart(book: Any, name: str, chart: Chart, zone: str) -> None:
    """Add the sheet `name` with the chart's numbers and the chart."""
    sheet = write_table(book, name, chart_as_table(chart), zone)
    if chart.labels:
        drawn = _drawn(book, name, chart)
        place = (1, len(chart.series) + 2)
        sheet.insert_chart(*place, drawn, {"description": chart.description})


def _drawn(book: Any, name: str, chart: Chart) -> Any:
    made = book.add_chart(_kind(chart.kind))
    for number in range(len(chart.series)):
        made.add_series(_series(name, chart, number))
    made.set_title({"name": chart.title, "overlay": False, "name_font": {"size": 12}})
    fraction = "." + "0" * chart.digits if chart.digits else ""
    made.set_y_axis({"name": chart.unit, "num_format": f"#,##0{fraction}", "major_gridlines": GRID})
    made.set_x_axis({"name": chart.label_name, "label_position": "low"})
    made.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    made.set_size(SIZE)
    return made


def _kind(kind: ChartKind) -> dict[str, str]:
    match kind:
        case ChartKind.LINE:
            return {"type": "line"}
        case ChartKind.BAR:
            return {"type": "column"}
        case ChartKind.STACKED_BAR:
            return {"type": "column", "subtype": "stacked"}


def _series(name: str, chart: Chart, number: int) -> dict[str, Any]:
    """Return a series that takes its numbers and its name from the cells of the sheet."""
    last, column = len(chart.labels), number + 1
    look: dict[str, Any] = {"fill": {"color": COLOURS[number]}}
    if chart.kind is ChartKind.LINE:
        look = {"line": {"color": COLOURS[number], "dash_type": DASHES[number], "width": 2}}
        look |= {"marker": _marker(chart, number)}
    return {
        "name": [name, 0, column],
        "categories": [name, 1, 0, last, 0],
        "values": [name, 1, column, last, column],
    } | look


def _marker(chart: Chart, number: int) -> dict[str, Any]:
    """Return the dots of a line: some where they have room, or a value would not be seen."""
    series = chart.series[number]
    known = [index for index, value in enumerate(series.values) if value is not None]
    if len(chart.labels) > MOST_DOTS and not any(stands_alone(series, index) for index in known):
        return {"type": "none"}
    colour = {"color": COLOURS[number]}
    return {"type": "circle", "size": 5, "fill": colour, "border": colour}
