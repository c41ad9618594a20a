"""One child process: its start, its lines, its end."""

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from scheduler_site.development.guard import signal_group
from scheduler_site.development.output import Output

LONGEST_LINE_BYTES = 64 * 1024
LAST_LINES_TIMEOUT_SECONDS = 2.0


class Process:
    """A command whose lines go to `output` behind its name. It may be started again and again.

    It leads a process group of its own: the terminal's Ctrl-C reaches only the supervisor, and
    what it leaves behind can be ended with it. `inherited` are open files that it may use.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        output: Output,
        inherited: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._command = list(command)
        self._folder = folder
        self._output = output
        self._inherited = inherited
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the process that was started last, which is the id of its group."""
        return self._started().pid

    def start(self) -> None:
        """Start the command; raises OSError when the system cannot."""
        self._child = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._inherited,
        )
        self._forwarding = threading.Thread(
            target=self._forward, args=(self._child.stdout,), daemon=True
        )
        self._forwarding.start()

    def is_running(self) -> bool:
        """Return whether the process lives."""
        return self._child is not None and self._child.poll() is None

    def ending(self) -> str:
        """Return how the process ended, as a person says it."""
        code = self._started().poll()
        if code is None:
            return "is still running"
        if code < 0:
            known = (number.name for number in signal.Signals if number == -code)
            return f"was killed by {next(known, f'signal {-code}')}"
        return f"ended with exit code {code}"

    def send(self, number: int) -> None:
        """Send a signal to the process itself, not to its children."""
        if self.is_running():
            self._started().send_signal(number)

    def wait(self, seconds: float, hurry: Callable[[], bool]) -> bool:
        """Wait for the end, at most `seconds` and until `hurry()`; return whether it ended."""
        for _ in range(max(1, int(seconds / 0.1))):
            try:
                self._started().wait(0.1)
                return True
            except subprocess.TimeoutExpired:
                if hurry():
                    return False
        return False

    def sweep(self) -> None:
        """Kill what is left of the process group and wait for its end and its last line."""
        child = self._started()
        signal_group(child.pid, signal.SIGKILL)
        child.wait()
        self._forwarding.join(LAST_LINES_TIMEOUT_SECONDS)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError(f"{self.name} was not started yet")
        return self._child

    def _forward(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE_BYTES):
                self._output.line(self.name, line.decode(errors="replace").rstrip())
