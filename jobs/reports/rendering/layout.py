"""A document as plain texts in reading order: what the page and the PDF have in common. Pure."""

from collections.abc import Sequence
from typing import Any

from jobs.reports.content import Block, Chart, Column, Figure, Figures, Heading, Paragraph, Table
from jobs.reports.document import Document
from jobs.reports.rendering.text import NUMBERS, shown
from jobs.reports.values import ValueType

# Texts with more characters than this need a wide column.
LONG_WORDS = 30


def laid_out(block: Block, zone: str, most_rows: int) -> dict[str, Any]:
    """Return the block's kind and its texts; a table stops after `most_rows` rows."""
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
        case Figures():
            return {"kind": "figures", "items": [_figure(item, zone) for item in block.items]}
        case Table():
            return _table(block, zone, most_rows)
        case Chart():
            return {"kind": "chart", "title": block.title, "description": block.description}


def rows_left_out(document: Document, most_rows: int) -> str:
    """Return the sentence about tables that are longer than what is shown, "" when none is."""
    longest = max((len(table.rows) for table in document.content.tables), default=0)
    if longest <= most_rows:
        return ""
    return (
        f"A table here ends after {most_rows:,} of {longest:,} rows; the XLSX file holds all of it."
    )


def chart_as_table(chart: Chart) -> Table:
    """Return the numbers of a chart as a table, for those who would rather read them."""
    columns = [Column(chart.label_name)]
    columns += [
        Column(series.name, ValueType.DECIMAL, chart.unit, chart.digits) for series in chart.series
    ]
    values = (series.values for series in chart.series)
    return Table(chart.title, columns, list(zip(chart.labels, *values, strict=True)))


def _figure(figure: Figure, zone: str) -> dict[str, str]:
    return {
        "name": figure.name,
        "value": shown(figure.value, zone, figure.digits),
        "unit": figure.unit if figure.value is not None else "",
        "note": figure.note,
    }


def _table(table: Table, zone: str, most_rows: int) -> dict[str, Any]:
    rows = [
        [
            shown(value, zone, column.digits)
            for column, value in zip(table.columns, row, strict=True)
        ]
        for row in table.rows[:most_rows]
    ]
    looks = [_look(column, [row[at] for row in rows]) for at, column in enumerate(table.columns)]
    return {
        "kind": "table",
        "title": table.title,
        "widest": _widest(table.columns),
        "columns": [
            {"label": column.label, "look": look}
            for column, look in zip(table.columns, looks, strict=True)
        ],
        "rows": [
            [{"text": text, "look": look} for text, look in zip(row, looks, strict=True)]
            for row in rows
        ],
    }


def _look(column: Column, texts: list[str]) -> str:
    """Return how a column stands: a "number", a "moment" on one line, long "words", or freely."""
    if column.type in NUMBERS:
        return "number"
    if column.type is not ValueType.TEXT:
        return "moment"
    return "words" if max(map(len, texts), default=0) > LONG_WORDS else ""


def _widest(columns: Sequence[Column]) -> int:
    """Return which column takes the room that is left: the last one of words, else the first."""
    words = [at for at, column in enumerate(columns) if column.type is ValueType.TEXT]
    return words[-1] if words else 0
