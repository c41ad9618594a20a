"""What the query answers now, a few rows of it, before anything is saved."""

import time
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from jobs.reports.parameters import ParameterError
from jobs.reports.rendering.text import shown
from jobs.reports.sql.asking import ask
from jobs.reports.sql.columns import DeclaredColumn
from jobs.reports.sql.content import content_of
from jobs.reports.sql.editing.editor import SqlEditor
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sections import sections_of
from jobs.reports.sql.sources import source_of
from jobs.reports.sql.stored import period_rule, question_of

ROWS = 50
SECONDS = 5
# A cell in the preview; the whole text is in the report.
CELL_LENGTH = 200

logger = structlog.get_logger(__name__)


@dataclass
class Preview:
    """Some rows as texts, or the sentence that says why there are none."""

    problem: str = ""
    period: str = ""
    summary: str = ""
    seconds: float = 0.0
    headings: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Return whether there may be more rows."""
        return len(self.rows) == ROWS


def preview_of(editor: SqlEditor, now: datetime, by: str) -> Preview:
    """Return what a valid editor's query answers about the span of a run that is due now.

    At most 50 rows within 5 s; nothing is kept. `by` is who asks, for the log.
    """
    definition = editor.definition
    told = logger.bind(by=by, source=definition.source, report=definition.report.slug)
    try:
        preview = _asked(editor, now)
    except (QueryError, ParameterError) as problem:
        told.warning("preview of an SQL report refused", problem=str(problem))
        return Preview(problem=str(problem))
    told.info("SQL report previewed", duration_seconds=round(preview.seconds, 3))
    return preview


def _asked(editor: SqlEditor, now: datetime) -> Preview:
    definition = editor.definition
    period = period_rule(definition)(now)
    question = question_of(definition, period, editor.examples(), SECONDS)
    declared = [DeclaredColumn.of_json(one) for one in definition.columns]
    began = time.monotonic()
    answer = ask(source_of(definition.source), question, declared, ROWS, is_cut=True)
    seconds = time.monotonic() - began
    columns = answer.rows.columns
    sections = sections_of(definition.sections, definition.report.title)
    return Preview(
        period=period.label,
        summary=content_of(answer, sections, definition.summary).summary,
        seconds=seconds,
        headings=[(column.label, column.type.value) for column in columns],
        rows=[
            [
                _short(shown(value, period.zone, column.digits))
                for value, column in zip(row, columns, strict=True)
            ]
            for row in answer.rows
        ],
    )


def _short(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"
