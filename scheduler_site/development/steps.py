"""Commands that run once before the platform starts, each in a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.first_start import Login
from scheduler_site.development.guard import Guard, signal_group
from scheduler_site.development.output import Output
from scheduler_site.development.stop_requests import StopRequests


class Steps:
    """Runs one command after the other; a request to stop ends the one under way."""

    def __init__(
        self, folder: Path, log_folder: Path, output: Output, guard: Guard, stop: StopRequests
    ) -> None:
        self._folder = folder
        self._log_folder = log_folder
        self._output = output
        self._guard = guard
        self._stop = stop

    def migrate(self) -> None:
        """Bring the database up to date; raises DevelopmentError when it refuses."""
        log = self._run("migrate", [sys.executable, "manage.py", "migrate", "--no-input"])
        applied = sum(line.lstrip().startswith("Applying ") for line in log)
        if applied:
            self._output.say(f"The database was brought up to date ({applied} migrations).")

    def prepare(self) -> Login:
        """Load the demo on the first start; return the admin's login."""
        command = [sys.executable, "-m", "scheduler_site.development.first_start"]
        *sentences, answer = self._run("first-start", command)
        for sentence in sentences:
            self._output.say(sentence)
        return Login(**json.loads(answer))

    def _run(self, name: str, command: list[str]) -> list[str]:
        """Run a command and return its lines, which are kept in a log file as well."""
        self._log_folder.mkdir(parents=True, exist_ok=True)
        log_path = self._log_folder / f"{name}.log"
        with log_path.open("wb") as log:
            child = subprocess.Popen(
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard.watch(child.pid)
        try:
            self._wait(child)
        finally:
            self._guard.forget(child.pid)
        lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        if child.returncode:
            raise DevelopmentError(_failure(name, lines, log_path))
        return lines

    def _wait(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None:
            self._stop.wait(0.05)
            if self._stop.count:
                signal_group(child.pid, signal.SIGKILL)
                child.wait()
                self._stop.check()


def _failure(name: str, lines: list[str], log_path: Path) -> str:
    reason = reason_in(lines)
    details = f"All that it said is in {log_path}."
    kind, _, message = reason.partition(": ")
    if kind.startswith("django.db."):
        return (
            f"the database refused the migrations: {message.rstrip('.')}. "
            f"Check DATABASE_URL and the database server. {details}"
        )
    return f"{name} ended with: {reason.rstrip('.')}. {details}"


def reason_in(lines: list[str]) -> str:
    """Return the line that says why a command failed: the last one that is not indented."""
    for line in reversed(lines):
        if line.strip() and not line[0].isspace():
            return line.strip().removeprefix("Punctual cannot start: ")
    return "no word"
