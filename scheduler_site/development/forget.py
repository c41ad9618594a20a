"""Forgets what running made, for `make clean`: the folder var/, or the one that VAR_DIR names.

Run as a script by any Python, also before anything is installed: standard library only.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# What every folder of a run holds; a folder without any of them is not ours to delete.
MARKS = ("dev.lock", "secret-key", "punctual.sqlite3", "artefacts")


def refusal(folder: Path) -> str | None:
    """Return why the folder must stay, or None when it may be deleted."""
    if not any((folder / mark).exists() for mark in MARKS):
        return f"{folder} holds nothing of Punctual. Check VAR_DIR."
    lock_path = folder / "dev.lock"
    if lock_path.exists():
        with lock_path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return f"Punctual is running from {folder}. Stop it with Ctrl-C first."
    return None


def main() -> int:
    """Delete the folder and return 0, or say why not and return 1."""
    folder = Path(os.environ.get("VAR_DIR") or REPOSITORY / "var").resolve()
    if not folder.exists() or not any(folder.iterdir()):
        print("There is nothing to forget.")
        return 0
    reason = refusal(folder)
    if reason is None:
        try:
            shutil.rmtree(folder)
        except OSError as problem:
            reason = f"{problem.filename} could not be deleted ({problem.strerror})."
    if reason:
        print(f"Punctual cannot be cleaned: {reason}", file=sys.stderr)
        return 1
    print(f"{folder} is deleted: database, reports, mails, messages and the admin's password.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
