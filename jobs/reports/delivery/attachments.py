"""Which files go with a mail: the subscriber's formats, as long as they are small enough."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings

from jobs.reports.formats import CONTENT_TYPES, Format
from jobs.reports.models import Artefact, Version

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Attached:
    """A file that goes with the mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Attachments:
    """The files that go with the mail, and those that the mail only names."""

    files: list[Attached]
    left_out: list[Artefact]


def attachments_of(version: Version, formats: Sequence[str]) -> Attachments:
    """Return the version's files of these formats, up to REPORT_ATTACHMENTS_KB together.

    Those that are too large, or missing in the storage, are left out; the mail has the way to
    the page from which they are downloaded.
    """
    room = settings.REPORT_ATTACHMENTS_KB * 1000
    chosen = Attachments([], [])
    for artefact in sorted(version.artefacts.filter(format__in=formats), key=_order):
        content = _content(artefact) if artefact.size_bytes <= room else None
        if content is None:
            chosen.left_out.append(artefact)
            continue
        room -= len(content)
        type_ = CONTENT_TYPES[Format(artefact.format)]
        chosen.files.append(Attached(artefact.download_name, type_, content))
    return chosen


def _order(artefact: Artefact) -> int:
    return Format.values.index(artefact.format)


def _content(artefact: Artefact) -> bytes | None:
    try:
        with artefact.file.open("rb") as file:
            content: bytes = file.read()
    except OSError:
        logger.exception("a mail goes without a file", file=artefact.file.name)
        return None
    return content
