"""Real `celery worker` and `celery beat` processes against the test's database and broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
STOP_TIMEOUT_SECONDS = 30


def database_url() -> str:
    """Return the DATABASE_URL of the test database, which other processes may open too."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return (
        f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )


def process_environment(broker_url: str, **variables: str) -> dict[str, str]:
    """Return the environment of a child that works on the test's database and broker.

    Celery would run Django's checks at the start of each, for which all pages are imported: a
    fifth of the start. They pass or not, whatever the test; `manage.py` runs them all the same.
    """
    return {
        **os.environ,
        "CELERY_SKIP_CHECKS": "1",
        "DEBUG": "1",
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker_url,
        "VAR_DIR": str(settings.MEDIA_ROOT.parent),
        "EMAIL_HOST": settings.EMAIL_HOST,
        "EMAIL_PORT": str(settings.EMAIL_PORT),
        **variables,
    }


class CeleryProcess:
    """One `celery -A scheduler_site ...` in a process group of its own; its log is a file."""

    def __init__(
        self,
        arguments: list[str],
        log: Path,
        environment: dict[str, str],
        app: str = "scheduler_site",
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", app, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_for_log(self, words: str) -> None:
        """Return when the log holds `words`; fail with the log when the process ends before."""

        def has_said_so() -> bool:
            text = self.log.read_text()
            assert self.process.poll() is None or words in text, f"it ended: {text}"
            return words in text

        wait_until(has_said_so, f"{words!r} in {self.log.name}")

    def stop(self) -> None:
        """Stop it as an operator would, and by force if it does not end."""
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process and its children as a power failure would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def celery_worker(broker_url: str, log: Path, **variables: str) -> Iterator[CeleryProcess]:
    """Yield a worker that is ready for messages; stopped at the end of the block."""
    arguments = [
        "worker",
        "--concurrency",
        "2",
        "--without-mingle",
        "--without-gossip",
        "-l",
        "INFO",
    ]
    started = CeleryProcess(arguments, log, process_environment(broker_url, **variables))
    try:
        started.wait_for_log("ready.")
        yield started
    finally:
        started.stop()


@contextmanager
def celery_beat(broker_url: str, log: Path, **variables: str) -> Iterator[CeleryProcess]:
    """Yield a beat that has started; stopped at the end of the block."""
    started = CeleryProcess(["beat"], log, process_environment(broker_url, **variables))
    try:
        started.wait_for_log("beat: Starting...")
        yield started
    finally:
        started.stop()
