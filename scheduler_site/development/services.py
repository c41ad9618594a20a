"""The three processes of the platform, as a development run starts them."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from celery.utils.nodenames import gethostname

from scheduler_site.development.output import Output
from scheduler_site.development.processes import Process

CELERY = [sys.executable, "-m", "celery", "-A", "scheduler_site"]
WEB_PROCESSES = 2
WORKER_PROCESSES = 2
STOP_TIMEOUT_SECONDS = 15.0
# What runs may finish; a worker that is still busy after this would not end by itself.
WARM_STOP_TIMEOUT_SECONDS = 600.0
COLD_STOP_TIMEOUT_SECONDS = 5.0


class Service(Process):
    """A process that ends within STOP_TIMEOUT_SECONDS of SIGTERM, or else is killed."""

    def stop(self) -> None:
        """Ask it to end, wait, and kill what is left."""
        self.send(signal.SIGTERM)
        self.wait(STOP_TIMEOUT_SECONDS, hurry=lambda: False)
        self.sweep()


class Worker(Process):
    """The Celery worker, whose stop lets the running tasks finish until `hurry()` is true."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        output: Output,
        hurry: Callable[[], bool],
    ) -> None:
        super().__init__("worker", command, folder, output)
        self._hurry = hurry
        self._say = output.say

    def stop(self) -> None:
        """Let what runs finish; in a hurry, or after a long wait, end it at once."""
        self._say("What runs may finish. Press Ctrl-C again to stop it at once.")
        self.send(signal.SIGTERM)
        if not self.wait(WARM_STOP_TIMEOUT_SECONDS, self._hurry):
            self._say("Stopping what still runs.")
            self.send(signal.SIGQUIT)
            self.wait(COLD_STOP_TIMEOUT_SECONDS, hurry=lambda: False)
        self.sweep()


def node_names(port: int) -> dict[str, str]:
    """Return the names on which beat and worker answer `celery inspect ping`.

    The port is part of them: two runs may share one Redis.
    """
    return {name: f"{name}-{port}@{gethostname()}" for name in ("beat", "worker")}


def web_command(listener: int) -> list[str]:
    """Return the command of the web server on a listening socket that it inherits."""
    return [
        *[sys.executable, "-m", "gunicorn", "-k", "asgi", "scheduler_site.asgi:application"],
        *["--bind", f"fd://{listener}", "--workers", str(WEB_PROCESSES)],
        # Its control socket would lie in the person's home folder.
        *["--graceful-timeout", "5", "--no-control-socket"],
    ]


def beat_command(port: int) -> list[str]:
    """Return the command of beat, which answers pings."""
    return [*CELERY, "beat", "--enable-remote-control", "-n", node_names(port)["beat"]]


def worker_command(port: int) -> list[str]:
    """Return the command of the worker."""
    name = node_names(port)["worker"]
    return [*CELERY, "worker", "-c", str(WORKER_PROCESSES), "-n", name]
