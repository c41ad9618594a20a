"""A document as JSON for programs: its figures, tables and charts with their types.

Values are those of `content_json`: ISO 8601 for days and instants, seconds for durations. One line
per row, so that a program may also read it line by line.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobs.reports.content import Chart, Column, Figure, Table
from jobs.reports.content_json import value_to_json
from jobs.reports.document import Document

# Raised by one when a program that reads the file would have to be changed.
FORMAT = 1


def write_json(document: Document, path: Path) -> None:
    """Write `document` to `path`, row by row."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_pieces(document))


def _pieces(document: Document) -> Iterator[str]:
    yield _text(_head(document)).removesuffix("}") + ',\n"tables": ['
    for number, table in enumerate(document.content.tables):
        yield (",\n" if number else "\n") + _text(_table_head(table)).removesuffix("}")
        yield ', "rows": ['
        yield from _rows(table)
        yield "\n]}"
    yield "\n]}\n"


def _rows(table: Table) -> Iterator[str]:
    before = "\n"
    for row in table.rows:
        yield before + _text([value_to_json(value) for value in row])
        before = ",\n"


def _head(document: Document) -> dict[str, Any]:
    """Return all but the tables; when it was made is left out, so that twice made is the same."""
    period = document.period
    charts = [block for block in document.content.blocks if isinstance(block, Chart)]
    return {
        "format": FORMAT,
        "title": document.title,
        "description": document.description,
        "summary": document.content.summary,
        "period": {
            "start_at": value_to_json(period.start_at),
            "end_at": value_to_json(period.end_at),
            "zone": period.zone,
        },
        "parameters": dict(document.parameters),
        "figures": [_figure(figure) for figure in document.content.figures],
        "charts": [_chart(chart) for chart in charts],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "type": figure.type,
        "unit": figure.unit,
        "value": value_to_json(figure.value),
    }


def _chart(chart: Chart) -> dict[str, Any]:
    series = [{"name": one.name, "values": list(one.values)} for one in chart.series]
    return {
        "title": chart.title,
        "unit": chart.unit,
        "labels": list(chart.labels),
        "series": series,
    }


def _table_head(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "row_count": table.row_count,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": column.type, "unit": column.unit}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
