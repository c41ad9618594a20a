"""What changed between two versions of a report: figures and tables. Pure.

changes = changes_between(older.document.content, newer.document.content, zone)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.reports.content import Content, Table
from jobs.reports.reading.comparing.figures import FigureChange, figure_changes
from jobs.reports.reading.comparing.tables import TableChange, table_change

__all__ = ["Changes", "FigureChange", "TableChange", "changes_between"]


@dataclass(frozen=True)
class Changes:
    """What is different; `same_figures` and `same_tables` are how many are not."""

    figures: list[FigureChange]
    tables: list[TableChange]
    same_figures: int
    same_tables: int
    new_tables: list[str]
    gone_tables: list[str]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing that is compared has changed."""
        return not (self.figures or self.tables or self.new_tables or self.gone_tables)


def changes_between(old: Content, new: Content, zone: str) -> Changes:
    """Return how `new` differs from `old`. Figures go by their names, tables by their titles.

    Of several with one name the first is compared with the first. Headings, paragraphs and
    charts are not compared: what charts show stands in figures and tables as well.
    """
    figures = figure_changes(old.figures, new.figures, zone)
    before, after = _by_title(old.tables), _by_title(new.tables)
    both = [title for title in after if title in before]
    tables = [table_change(before[title], after[title], zone) for title in both]
    changed = [table for table in tables if not table.is_same]
    return Changes(
        figures=figures,
        tables=changed,
        same_figures=len(new.figures) - sum(not figure.is_gone for figure in figures),
        same_tables=len(tables) - len(changed),
        new_tables=[title for title in after if title not in before],
        gone_tables=[title for title in before if title not in after],
    )


def _by_title(tables: Sequence[Table]) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for table in tables:
        found.setdefault(table.title, table)
    return found
