"""A document's main table as CSV: UTF-8, lines and quotes after RFC 4180, values for programs.

The main table is the one that the content declares, else its first; without any table the
figures are written. Days and instants are ISO 8601, durations seconds, numbers plain. There is no
byte order mark: programs would read it as part of the first column's name, and who opens files
with a spreadsheet has XLSX.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from jobs.reports.content import Content
from jobs.reports.content_json import value_to_json
from jobs.reports.document import Document
from jobs.reports.rendering.formulas import neutral
from jobs.reports.rendering.layout import main_table
from jobs.reports.values import Cell, ValueType

CsvValue = str | int | float | None


def write_csv(document: Document, path: Path) -> None:
    """Write the main table of `document` to `path`."""
    header, rows = _table(document.content)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([neutral(name) for name in header])
        writer.writerows(rows)


def _table(content: Content) -> tuple[list[str], Iterable[list[CsvValue]]]:
    table = main_table(content)
    if table is None:
        figures = content.figures
        rows = [[_cell(item.name), _cell(item.value), _cell(item.unit)] for item in figures]
        return ["name", "value", "unit"], rows
    header = [
        f"{column.name} (s)" if column.type is ValueType.DURATION else column.label
        for column in table.columns
    ]
    return header, ([_cell(value) for value in row] for row in table.rows)


def _cell(value: Cell) -> CsvValue:
    if isinstance(value, str):
        return neutral(value)
    # Without the noise of binary fractions: 4.425, not 4.425000000000001.
    return round(value, 10) if isinstance(value, float) else value_to_json(value)
