"""A Celery worker as real processes, for tests that harm it or what it depends on."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from celery import Celery
from kombu import Connection

from tests.faults.diary_tasks import DIARY_VARIABLE
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]


class DiaryWorker:
    """A real `celery worker` with two child processes, and the notes that its tasks leave."""

    def __init__(self, directory: Path, broker_url: str) -> None:
        self.directory = directory
        self.broker_url = broker_url
        self.log = directory / "worker.log"
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Return the worker's main process, the leader of a process group of its own."""
        # Without Django's settings module in its environment Celery leaves Django alone.
        environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        environment[DIARY_VARIABLE] = str(self.directory)
        arguments = ["-b", self.broker_url, "worker", "-c", "2", "-l", "INFO"]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "tests.faults.diary_tasks", *arguments],
                cwd=REPOSITORY,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def send(self, task: str, name: str, eta: datetime | None = None) -> None:
        """Publish a task over a connection of its own: no pool remembers the old Redis."""
        with Connection(self.broker_url) as connection:
            Celery(set_as_current=False).send_task(
                task, (name,), eta=eta, connection=connection, ignore_result=True
            )

    def lines(self, name: str) -> list[str]:
        """Return the process ids of the workers that wrote the note, one per execution."""
        path = self.directory / name
        return path.read_text().split() if path.exists() else []

    def wait_for(self, name: str) -> None:
        """Wait until this very process has written the note once."""
        wait_until(lambda: self.exited() or self.lines(name), f"the note {name!r}")
        assert self.process.poll() is None, f"the worker exited:\n{self.log.read_text()}"
        assert self.lines(name) == [str(self.process.pid)]

    def wait_for_log(self, text: str, times: int = 1) -> None:
        """Wait until the log has said it so often, or the worker is gone."""
        wait_until(
            lambda: self.exited() or self.log.read_text().count(text) >= times,
            f"{text!r} in the worker's log",
        )

    def exited(self) -> bool:
        """Tell whether the main process is gone."""
        return self.process.poll() is not None

    def release(self) -> None:
        """Let the tasks that hold come to their end."""
        (self.directory / "release").touch()

    def ends_well(self) -> bool:
        """Ask the worker to stop, as a service manager does; tell whether it did so properly."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30) == 0

    def end(self) -> None:
        """Kill what is left of the worker, children included."""
        if not self.exited():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.release()
        self.process.wait()
