"""Tasks that harm the process which executes them: one never ends, others take all its memory."""

import os
import resource
import signal
import time
from pathlib import Path
from secrets import token_hex

from celery import shared_task

from tests.faults.witness_tasks import give_sign

MIB = 1024 * 1024
STEP_BYTES = 20 * MIB


@shared_task(name="tests.loop")
def loop(*_: object) -> None:
    """Turn round for ever, without a pause in which anybody might be heard."""
    give_sign(token_hex(4), "begin")
    while True:
        pass


@shared_task(name="tests.grow")
def grow(size_bytes: int, *_: object) -> int:
    """Take so much memory; return the process."""
    taken(size_bytes)
    return os.getpid()


@shared_task(name="tests.grow_beyond_address_space")
def grow_beyond_address_space(*_: object) -> None:
    """Take more memory than the process may address."""
    give_sign(token_hex(4), "begin")
    former = resource.getrlimit(resource.RLIMIT_AS)
    addressed_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (addressed_bytes + 100 * MIB, former[1]))
    try:
        taken(1000 * MIB)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, former)


@shared_task(name="tests.grow_until_killed")
def grow_until_killed(group: str | None) -> None:
    """Take memory until the kernel ends the process, whose group of processes has a limit.

    Where nobody could make such a group, the signal is the same and comes from here.
    """
    give_sign(token_hex(4), "begin")
    if group:
        (Path(group) / "cgroup.procs").write_text(str(os.getpid()))
    taken(200 * MIB)
    os.kill(os.getpid(), signal.SIGKILL)


def taken(size_bytes: int) -> list[bytearray]:
    """Return so much memory, every page of it written to."""
    chunks = []
    for _ in range(0, size_bytes, STEP_BYTES):
        chunks.append(bytearray(b"x" * STEP_BYTES))
        time.sleep(0.01)
    return chunks
