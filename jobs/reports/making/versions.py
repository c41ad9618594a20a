"""Making a version of a report for a logical instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from jobs.reports.content_json import to_json, value_to_json
from jobs.reports.delivery.planning import plan_deliveries
from jobs.reports.document import Document
from jobs.reports.formats import formats_among
from jobs.reports.making.files import remove_files, stored_files
from jobs.reports.measures import measures, row_count
from jobs.reports.models import Artefact, Report, Version
from jobs.reports.registry import Definition
from jobs.reports.values import Cell
from jobs.runs.current import raise_if_cancelled, report_progress

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Making:
    """What is to be made: of which report, for which instant and run, with which values."""

    definition: Definition
    due_at: datetime
    run_id: UUID | None
    now: datetime
    parameters: dict[str, Cell]


def make_version(
    definition: Definition,
    due_at: datetime,
    run_id: UUID | None,
    now: datetime,
    parameters: Mapping[str, object] | None = None,
) -> Version:
    """Return the version of `definition` for the logical instant `due_at`, made unless it exists.

    A version exists when the run `run_id` has already made one. Rows and files appear all or
    not at all: an error on the way removes the files that were written, and what a killed process
    left belongs to nothing (`orphans.py` finds it). Any number of workers may do this at the same
    time, for the same report too. Raises ValueError for parameters that the report does not take.
    """
    made = _made_by(run_id)
    if made is not None:
        return made
    making = Making(definition, due_at, run_id, now, definition.checked(parameters or {}))
    document = _document(making)
    raise_if_cancelled()
    with stored_files(document, definition.slug) as artefacts:
        try:
            version = _insert(making, document, artefacts)
        except IntegrityError:
            # Another attempt of the same run may have been quicker; then our files go.
            quicker = _made_by(run_id)
            if quicker is None:
                raise
            remove_files(artefacts)
            return quicker
    logger.info("report version made", report=definition.slug, version=version.number)
    return version


def _made_by(run_id: UUID | None) -> Version | None:
    return Version.objects.filter(run_id=run_id).first() if run_id else None


def _document(making: Making) -> Document:
    """Return what is to be written; this is where the report's own code asks for its data."""
    definition = making.definition
    report_progress(0, text="asking for the data")
    period = definition.period(making.due_at)
    return Document(
        title=definition.title,
        description=definition.description,
        period=period,
        made_at=making.now,
        content=definition.build(period, **making.parameters),
        formats=frozenset(formats_among(_formats_named(definition))),
        parameters={name: value_to_json(value) for name, value in making.parameters.items()},
    )


def _formats_named(definition: Definition) -> list[str]:
    """Return the formats that the report's row asks for, else those of its definition."""
    rows = Report.objects.filter(slug=definition.slug).values_list("formats", flat=True)
    return next(iter(rows), None) or list(definition.formats)


@transaction.atomic
def _insert(making: Making, document: Document, artefacts: list[Artefact]) -> Version:
    """Insert the next version, its artefacts and its deliveries."""
    # This locks the report's row: numbers are given one after the other.
    report = Report.objects.of(making.definition)
    newest = report.versions.order_by("-number").values_list("number", flat=True).first()
    version = Version.objects.create(
        report=report,
        number=(newest or 0) + 1,
        run_id=making.run_id,
        due_at=making.due_at,
        period_start_at=document.period.start_at,
        period_end_at=document.period.end_at,
        zone=document.period.zone,
        made_at=document.made_at,
        summary=document.content.summary,
        parameters=document.parameters,
        row_count=row_count(document.content),
        measures=measures(document.content),
        content=to_json(document.content),
    )
    for artefact in artefacts:
        artefact.version = version
    Artefact.objects.bulk_create(artefacts)
    plan_deliveries(version, making.now)
    return version
