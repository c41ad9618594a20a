"""A document as plain texts in reading order: what the page and the PDF have in common. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from jobs.reports.content import (
    Block,
    Chart,
    Column,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Table,
)
from jobs.reports.document import Document
from jobs.reports.rendering.text import NUMBERS, shown
from jobs.reports.values import ValueType

# Texts with more characters than this need a wide column.
LONG_WORDS = 30


def laid_out(document: Document, most_rows: int) -> Iterator[tuple[Block, dict[str, Any]]]:
    """Yield each block with its kind and its texts; a table stops after `most_rows` rows."""
    zone = document.period.zone
    for block in document.content.blocks:
        part = texts_of(block, zone, most_rows)
        if isinstance(block, Table):
            part["note"] = left_out(document, block, most_rows)
        yield block, part


def texts_of(block: Block, zone: str, most_rows: int) -> dict[str, Any]:
    """Return the block's kind and its texts."""
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


def left_out(document: Document, table: Table, most_rows: int) -> str:
    """Return the sentence about the rows that are not shown, "" when all are."""
    count = min(most_rows, len(table.rows))
    if count == table.row_count:
        return ""
    is_main = main_table(document.content) is table
    holding = ("xlsx", "csv", "json") if is_main else ("xlsx", "json")
    names = [name.upper() for name in holding if name in document.formats]
    whole = f"; the whole table is in {_listed(names)}" if names else ""
    return f"The first {count:,} of {table.row_count:,} rows{whole}."


def main_table(content: Content) -> Table | None:
    """Return the table that the content declares as its main one, else the first, else None."""
    tables = content.tables
    named = [table for table in tables if table.title == content.main_table]
    return next(iter(named or tables), None)


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


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
        for row in table.first_rows(most_rows)
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
