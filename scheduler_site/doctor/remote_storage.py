"""The bucket that keeps the reports' files: can it be written, read and deleted from?"""

from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from scheduler_site.doctor.findings import Finding, ok, problem
from scheduler_site.doctor.storage import CONTENT, SUBJECT


def remote_storage_findings(storage: Storage, place: str) -> list[Finding]:
    """Return whether files can be kept at `place`; leaves nothing behind there."""
    try:
        _write_read_and_delete(storage)
    except Exception as error:  # noqa: BLE001  # a storage's library has errors of its own
        sentence = f"Reports cannot be kept in {place} ({error})."
        return [problem(SUBJECT, sentence, "Correct REPORT_STORAGE and what begins with it.")]
    return [ok(SUBJECT, f"{place} can be written, read and deleted from.")]


def _write_read_and_delete(storage: Storage) -> None:
    name = storage.save(f"doctor/{uuid4().hex}", ContentFile(CONTENT))
    try:
        with storage.open(name) as file:
            if file.read() != CONTENT:
                raise OSError("what is read differs from what was written")
    finally:
        storage.delete(name)
