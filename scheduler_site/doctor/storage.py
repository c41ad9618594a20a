"""The folder that keeps the reports' files: can it be written, and is there room?"""

import shutil
import tempfile
from pathlib import Path

from scheduler_site.doctor.findings import Finding, ok, problem, warning

SUBJECT = "storage"
CONTENT = b"written by doctor to see whether it can be read back"
MEBIBYTE = 2**20
LITTLE_BYTES = 1024 * MEBIBYTE
TOO_LITTLE_BYTES = 100 * MEBIBYTE


def storage_findings(folder: Path) -> list[Finding]:
    """Return whether files can be kept in `folder`; leaves nothing behind there.

    A folder that is not there yet is not made: made by root, the service could not write to it.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        return [_unusable(folder, f"{existing} is not a folder")]
    try:
        _write_and_read_back(existing)
    except OSError as error:
        return [_unusable(folder, error.strerror or str(error))]
    will_be_made = "" if existing == folder else "; it will be made by the first file"
    return [
        ok(SUBJECT, f"{folder} can be written{will_be_made}."),
        room_finding(folder, shutil.disk_usage(existing).free),
    ]


def room_finding(folder: Path, free_bytes: int) -> Finding:
    """Return whether `free_bytes` are enough to go on with."""
    sentence = f"{free_bytes // MEBIBYTE} MiB are free at {folder}."
    advice = "Make room, or keep fewer versions: REPORT_VERSIONS_KEPT."
    if free_bytes < TOO_LITTLE_BYTES:
        return problem(SUBJECT, sentence, advice)
    if free_bytes < LITTLE_BYTES:
        return warning(SUBJECT, sentence, advice)
    return ok(SUBJECT, sentence)


def _write_and_read_back(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        file.write(CONTENT)
        file.flush()
        if Path(file.name).read_bytes() != CONTENT:
            raise OSError("what is read differs from what was written")


def _unusable(folder: Path, why: str) -> Finding:
    return problem(
        SUBJECT,
        f"Reports cannot be kept in {folder} ({why}).",
        "Give the folder to the user that runs Punctual, or set VAR_DIR to another one.",
    )
