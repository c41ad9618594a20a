"""One development run per folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler_site.development.errors import DevelopmentError


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder` inside the block.

    The kernel drops it with the process, so a crash leaves nothing to clean up. Raises
    DevelopmentError when another process holds it, OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "dev.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DevelopmentError(_already_running(lock.fileno(), folder)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _already_running(descriptor: int, folder: Path) -> str:
    pid = os.pread(descriptor, 20, 0).decode("ascii", errors="replace")
    return (
        f"Punctual is already running from {folder} (process {pid or 'unknown'}). "
        "Stop that one with Ctrl-C first."
    )
