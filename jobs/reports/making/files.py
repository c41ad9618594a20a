"""The files of a version on their way into the storage: all of them, or none."""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import default_storage

from jobs.reports.document import Document
from jobs.reports.formats import WRITERS, Format, formats_among
from jobs.reports.models import Artefact
from jobs.runs.current import raise_if_cancelled, report_progress

FOLDER = "reports"
NAME = re.compile("[-_a-zA-Z0-9]+")


@contextmanager
def stored_files(document: Document, slug: str) -> Iterator[list[Artefact]]:
    """Give the artefacts, unsaved, whose files are stored; remove the files on any error.

    Raises SuspiciousFileOperation for a slug that is none: it is part of the files' names.
    """
    if not NAME.fullmatch(slug):
        raise SuspiciousFileOperation(f"{slug!r} cannot be part of a file's name.")
    artefacts: list[Artefact] = []
    formats = formats_among(document.formats)
    try:
        with tempfile.TemporaryDirectory(prefix="report-") as folder:
            for done, format_ in enumerate(formats):
                raise_if_cancelled()
                report_progress(done, len(formats), f"writing {format_.label}")
                path = Path(folder) / f"report.{format_}"
                WRITERS[format_](document, path)
                artefacts.append(_stored(path, format_, slug))
        yield artefacts
    except BaseException:
        remove_files(artefacts)
        raise


def remove_files(artefacts: Iterable[Artefact]) -> None:
    """Delete the files of artefacts that no row will name."""
    for artefact in artefacts:
        artefact.remove_file()


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
