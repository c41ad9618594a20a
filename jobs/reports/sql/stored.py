"""Definitions of reports from the rows that the admin writes."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from django.conf import settings

from jobs.reports.content import Content
from jobs.reports.models import PeriodKind, SqlDefinition
from jobs.reports.parameters import Parameter
from jobs.reports.periods import (
    Period,
    PeriodRule,
    last_hours,
    previous_day,
    previous_month,
    previous_week,
)
from jobs.reports.registry import Definition
from jobs.reports.sql.answer import Question
from jobs.reports.sql.asking import ask
from jobs.reports.sql.columns import DeclaredColumn
from jobs.reports.sql.content import content_of
from jobs.reports.sql.sections import sections_of
from jobs.reports.sql.sources import source_of
from jobs.reports.sql.statement import checked_statement
from jobs.reports.values import Cell, ValueType

logger = structlog.get_logger(__name__)

PERIOD_NAMES = ("period_start", "period_end", "period_first_day", "period_last_day")
RULES: dict[str, Callable[[str], PeriodRule]] = {
    PeriodKind.PREVIOUS_DAY: previous_day,
    PeriodKind.PREVIOUS_WEEK: previous_week,
    PeriodKind.PREVIOUS_MONTH: previous_month,
}


class StoredReports:
    """The reports that are written in SQL, for the registry."""

    def all(self) -> Sequence[Definition]:
        """Return every one of them, but for rows that somebody has broken by other ways."""
        stored = SqlDefinition.objects.select_related("report")
        return [found for one in stored if (found := _unless_broken(one)) is not None]

    def one(self, slug: str) -> Definition | None:
        """Return the one with this slug."""
        found = SqlDefinition.objects.select_related("report").filter(report__slug=slug).first()
        return None if found is None else definition_of(found)


def _unless_broken(stored: SqlDefinition) -> Definition | None:
    try:
        return definition_of(stored)
    except (KeyError, TypeError, ValueError):
        logger.exception("an SQL report cannot be read; save it anew", report=stored.report.slug)
        return None


def definition_of(stored: SqlDefinition) -> Definition:
    """Return what the registry gives for a stored report; its query is not asked yet."""
    report = stored.report
    return Definition(
        slug=report.slug,
        title=report.title,
        description=report.description,
        period=period_rule(stored),
        build=partial(build, stored),
        parameters=parameters_of(stored),
        is_stored=True,
    )


def period_rule(stored: SqlDefinition) -> PeriodRule:
    """Return which span the report is about."""
    if stored.period_kind == PeriodKind.LAST_HOURS:
        return last_hours(stored.period_hours, stored.zone)
    return RULES[stored.period_kind](stored.zone)


def parameters_of(stored: SqlDefinition) -> tuple[Parameter, ...]:
    """Return the parameters of a stored report."""
    return tuple(_parameter(one) for one in stored.parameters)


def build(stored: SqlDefinition, period: Period, **parameters: Cell) -> Content:
    """Return the content that the query makes of the period; raise QueryError with a sentence."""
    answer = ask(
        source_of(stored.source),
        question_of(stored, period, parameters, settings.REPORT_SQL_SECONDS),
        [DeclaredColumn.of_json(one) for one in stored.columns],
        settings.REPORT_SQL_ROWS,
    )
    return content_of(answer, sections_of(stored.sections, stored.report.title), stored.summary)


def question_of(
    stored: SqlDefinition, period: Period, parameters: Mapping[str, Cell], seconds: float
) -> Question:
    """Return the query with its values: those of the period, and the parameters."""
    values: dict[str, Cell] = {
        "period_start": period.start_at,
        "period_end": period.end_at,
        "period_first_day": period.first_day,
        "period_last_day": period.last_day,
        **parameters,
    }
    return Question(checked_statement(stored.query, values), values, period.zone, seconds)


def _parameter(stored: dict[str, Any]) -> Parameter:
    return Parameter(
        stored["name"],
        ValueType(stored["type"]),
        stored.get("default"),
        stored.get("help", ""),
        stored.get("choices", ()),
    )
