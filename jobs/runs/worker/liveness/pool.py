"""The processes of a worker's pool."""

import contextlib
import os
import resource
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROC = Path("/proc")


def has_children(pool: Any) -> bool:
    """Return whether the pool executes tasks in processes of their own."""
    return bool(getattr(pool, "uses_semaphore", False))


def children(pool: Any) -> list[int]:
    """Return the process ids of the children; none of a pool that has none, or has ended."""
    if not has_children(pool):
        return []
    # celery.concurrency.prefork holds billiard's pool, which holds the processes (5.7, 4.3).
    processes = list(getattr(getattr(pool, "_pool", None), "_pool", ()))
    return [process.pid for process in processes if process.pid]


def send(pids: Iterable[int], signal_number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)


def memory_bytes(pids: Iterable[int]) -> int:
    """Return the resident memory of this process and `pids`; shared pages count each time."""
    if not PROC.is_dir():
        # The peak; in kilobytes but on macOS (getrusage(2)).
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    page_bytes = resource.getpagesize()
    return sum(_resident_pages(pid) * page_bytes for pid in (os.getpid(), *pids))


def _resident_pages(pid: int) -> int:
    """Return the second number of /proc/<pid>/statm (proc(5)), 0 for a process that is gone."""
    try:
        return int((PROC / str(pid) / "statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
