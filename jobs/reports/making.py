"""Making a version: content, then every file, then all rows at once."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from jobs.reports.content_json import to_json
from jobs.reports.document import Document
from jobs.reports.formats import WRITERS, Format
from jobs.reports.models import Artefact, Report, Version
from jobs.reports.registry import Definition
from jobs.runs.current import is_rehearsal

FOLDER = "reports"

logger = structlog.get_logger(__name__)


def make_version(
    definition: Definition, due_at: datetime, run_id: UUID | None, now: datetime
) -> Version:
    """Return the version of `definition` for the logical instant `due_at`, made unless it exists.

    A version exists when the run `run_id` has already made one. Rows and files appear all or
    not at all: an error on the way removes the files that were written. Any number of workers
    may do this at the same time, for the same report too.
    """
    made = Version.objects.filter(run_id=run_id).first() if run_id else None
    if made is not None:
        return made
    document = _document(definition, due_at, now)
    with _stored_files(document, definition.slug) as artefacts:
        try:
            version = _insert(definition, document, due_at, run_id, artefacts)
        except IntegrityError:
            # Another attempt of the same run may have been quicker; then our files go.
            quicker = Version.objects.filter(run_id=run_id).first() if run_id else None
            if quicker is None:
                raise
            _remove(artefacts)
            return quicker
    logger.info("report version made", report=definition.slug, version=version.number)
    return version


def _document(definition: Definition, due_at: datetime, now: datetime) -> Document:
    period = definition.period(due_at)
    return Document(
        title=definition.title,
        description=definition.description,
        period=period,
        made_at=now,
        content=definition.build(period),
    )


@contextmanager
def _stored_files(document: Document, slug: str) -> Iterator[list[Artefact]]:
    """Give the artefacts, unsaved, whose files are stored; remove the files on any error."""
    artefacts: list[Artefact] = []
    try:
        with tempfile.TemporaryDirectory(prefix="report-") as folder:
            for format_, write in WRITERS.items():
                path = Path(folder) / f"{slug}.{format_}"
                write(document, path)
                artefacts.append(_stored(path, format_, slug))
        yield artefacts
        if is_rehearsal():
            # Their rows are undone, and nobody would find the files.
            _remove(artefacts)
    except BaseException:
        _remove(artefacts)
        raise


def _stored(path: Path, format_: Format, slug: str) -> Artefact:
    """Return the artefact of the file at `path`, copied to the storage under a name of its own."""
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        size_bytes = source.tell()
        source.seek(0)
        name = _saved(File(source), f"{FOLDER}/{slug}/{uuid4().hex}.{format_}")
    return Artefact(format=format_, file=name, size_bytes=size_bytes, sha256=sha256)


def _saved(file: "File[bytes]", name: str) -> str:
    """Return the name under which the storage keeps `file`; a half copy does not stay."""
    try:
        return default_storage.save(name, file)
    except BaseException:
        default_storage.delete(name)
        raise


def _remove(artefacts: list[Artefact]) -> None:
    for artefact in artefacts:
        artefact.remove_file()


@transaction.atomic
def _insert(
    definition: Definition,
    document: Document,
    due_at: datetime,
    run_id: UUID | None,
    artefacts: list[Artefact],
) -> Version:
    """Insert the next version and its artefacts."""
    # This locks the report's row: numbers are given one after the other.
    report = Report.objects.of(definition)
    newest = report.versions.order_by("-number").values_list("number", flat=True).first()
    version = Version.objects.create(
        report=report,
        number=(newest or 0) + 1,
        run_id=run_id,
        due_at=due_at,
        period_start_at=document.period.start_at,
        period_end_at=document.period.end_at,
        zone=document.period.zone,
        made_at=document.made_at,
        summary=document.content.summary,
        content=to_json(document.content),
    )
    for artefact in artefacts:
        artefact.version = version
    Artefact.objects.bulk_create(artefacts)
    return version
