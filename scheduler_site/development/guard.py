"""Ends the processes of a supervisor that died without being able to stop them.

The supervisor holds the writing end of a pipe; its end of file is its death, also by SIGKILL, on
every POSIX system. This file is run as a script of its own, so it imports the standard library
only.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 5.0


class Guard:
    """A process that outlives this one for long enough to end what is still watched.

    Watched processes must lead a process group of their own. Weakness: a process that is started
    in the instant before the supervisor dies may not be known yet.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def watch(self, pid: int) -> None:
        """End the process group `pid` when this process dies."""
        self._tell(f"watch {pid}")

    def forget(self, pid: int) -> None:
        """Leave the process group `pid` alone from now on."""
        self._tell(f"forget {pid}")

    def stop(self) -> None:
        """End the guard, and with it whatever it still watches."""
        with suppress(BrokenPipeError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, order: str) -> None:
        # Without a guard the run goes on: it is only the net below the supervisor.
        with suppress(BrokenPipeError):
            if self._process.stdin is not None:
                self._process.stdin.write(f"{order}\n")
                self._process.stdin.flush()


def signal_group(leader: int, number: int) -> bool:
    """Send a signal to a process group; return False when the group is gone."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS answers so for a group of which only zombies are left.
        return False
    return True


def end_group(leader: int) -> None:
    """Ask the leader to end, wait a little for it, then kill what is left of its group."""
    with suppress(ProcessLookupError):  # the leader may be gone when its children are not
        os.kill(leader, signal.SIGTERM)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            os.kill(leader, 0)
            time.sleep(0.05)
    signal_group(leader, signal.SIGKILL)


def watched_at_the_end(orders: Iterable[str]) -> list[int]:
    """Return the groups that are still watched when the orders end, in the order of their start."""
    watched: dict[int, None] = {}
    for order in orders:
        verb, _, pid = order.strip().partition(" ")
        if verb == "watch":
            watched[int(pid)] = None
        elif verb == "forget":
            watched.pop(int(pid), None)
    return list(watched)


def main() -> None:
    """Wait for the supervisor's end, then end its processes: those started last go first."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for leader in reversed(watched_at_the_end(sys.stdin)):
        end_group(leader)


if __name__ == "__main__":
    main()
