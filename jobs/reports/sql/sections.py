"""The sections of an SQL report, as a definition keeps them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jobs.reports.content import ChartKind
from jobs.reports.sql.calculations import Calculation

MOST_POINTS = 400
POINTS = 60


class SectionKind(StrEnum):
    """What a section is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    # Figures that follow each other stand beside each other.
    FIGURE = "figure"
    TABLE = "table"
    CHART = "chart"


@dataclass(frozen=True)
class Section:
    """One section. `text` is its heading, its words, or a figure's or a chart's name.

    `columns` are the names of the query's columns: the figure's one, the table's (none: all), or
    a chart's values, whose labels are `label`. A chart has at most `points` of the first rows.
    """

    kind: SectionKind
    text: str
    calculation: Calculation = Calculation.COUNT
    columns: tuple[str, ...] = ()
    label: str = ""
    chart: ChartKind = ChartKind.LINE
    points: int = POINTS

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> "Section":
        """Return the section that a definition keeps."""
        return cls(
            SectionKind(stored["kind"]),
            stored["text"],
            Calculation(stored.get("calculation") or Calculation.COUNT),
            tuple(stored.get("columns", ())),
            stored.get("label", ""),
            ChartKind(stored.get("chart") or ChartKind.LINE),
            stored.get("points") or POINTS,
        )


def sections_of(stored: Sequence[dict[str, Any]], title: str) -> list[Section]:
    """Return the sections; without any, a table of all columns."""
    return [Section.of_json(one) for one in stored] or [Section(SectionKind.TABLE, title)]
