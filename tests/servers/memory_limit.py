"""A group of processes that the kernel lets have only so much memory (cgroups(7))."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Where version 1 and version 2 have their groups, and the file that holds the limit.
VERSIONS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
    (Path("/sys/fs/cgroup"), "memory.max"),
)


@contextmanager
def limited_group(limit_bytes: int) -> Iterator[Path | None]:
    """Yield the folder of a group with the limit; None where this user or kernel has no such."""
    for parent, limit in VERSIONS:
        group = parent / f"punctual-tests-{os.getpid()}"
        if _is_made(group, limit, limit_bytes):
            try:
                yield group
            finally:
                # Not before the last process in it is gone.
                with suppress(OSError):
                    group.rmdir()
            return
    yield None


def _is_made(group: Path, limit: str, limit_bytes: int) -> bool:
    try:
        group.mkdir()
    except OSError:
        return False
    try:
        # The kernel has put the file there, or this is no folder of groups with a memory limit.
        with (group / limit).open("r+") as file:
            file.write(str(limit_bytes))
    except OSError:
        group.rmdir()
        return False
    return True
