"""Whether the stored files are still those that were written."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.reports.models import Artefact

PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Damage:
    """A file that is not as it was written, and why."""

    artefact: Artefact
    why: str

    def __str__(self) -> str:
        return f"{self.artefact} ({self.artefact.file.name}): {self.why}"


def damaged_files() -> Iterator[Damage]:
    """Yield what is wrong with the files of all versions; reads every one of them."""
    found = Artefact.objects.select_related("version__report").defer("version__content")
    for artefact in found.order_by("pk").iterator(chunk_size=200):
        why = _why_damaged(artefact)
        if why:
            yield Damage(artefact, why)


def _why_damaged(artefact: Artefact) -> str:
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with artefact.file.open("rb") as file:
            for piece in iter(lambda: file.read(PIECE_BYTES), b""):
                digest.update(piece)
                size_bytes += len(piece)
    except FileNotFoundError:
        return "the file is missing."
    if size_bytes != artefact.size_bytes:
        return f"it has {size_bytes:,} bytes instead of {artefact.size_bytes:,}."
    if digest.hexdigest() != artefact.sha256:
        return "its checksum differs; its contents have changed."
    return ""
