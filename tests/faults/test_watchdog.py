"""A beat whose tick hangs ends itself; one that is merely slow or was stopped does not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
HANGS = """
import threading
from beat.process.watchdog import Watchdog
watchdog = Watchdog(stall_seconds=1)
watchdog.progress()
print("started", flush=True)
def hang_for_ever():
    threading.Event().wait()
hang_for_ever()
"""
GOES_ON = """
import time
from beat.process.watchdog import Watchdog
watchdog = Watchdog(stall_seconds=1)
watchdog.progress()
print("started", flush=True)
for number in range(40):
    time.sleep(0.1)
    watchdog.progress()
watchdog.stop()
"""


def started(program: str) -> subprocess.Popen[str]:
    """Return a process that has begun to run `program`."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def output_and_code(process: subprocess.Popen[str]) -> tuple[str, int]:
    """Return what the process wrote until its end, and its exit code."""
    output, _ = process.communicate(timeout=30)
    return output, process.returncode


def test_a_process_that_hangs_ends_with_the_stacks_of_its_threads() -> None:
    output, code = output_and_code(started(HANGS))
    assert code == 1
    assert "beat stalled" in output
    assert "hang_for_ever" in output


def test_a_process_that_makes_progress_for_longer_than_a_stall_goes_on() -> None:
    assert output_and_code(started(GOES_ON)) == ("", 0)


def test_a_process_that_was_stopped_for_longer_than_a_stall_goes_on() -> None:
    process = started(GOES_ON)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGCONT)
    assert output_and_code(process) == ("", 0)


def test_a_watchdog_that_was_stopped_leaves_no_thread() -> None:
    import threading

    from beat.process.watchdog import Watchdog

    stalls: list[int] = []
    watchdog = Watchdog(0.2, lambda: stalls.append(1))
    watchdog.progress()
    watchdog.stop()
    assert "Watchdog" not in {thread.name for thread in threading.enumerate()}
    watchdog.progress()
    wait_until(lambda: stalls, "the watchdog to notice")
    watchdog.stop()
    assert stalls == [1]
