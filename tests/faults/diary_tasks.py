"""A small Celery app for the fault tests: its tasks write what they do into a folder."""

import os
import time
from pathlib import Path

from celery import Celery

DIARY_VARIABLE = "DIARY_DIRECTORY"

# Not the current app: tests import this module too, and Django's tasks would publish through it.
app = Celery("diary_tasks", set_as_current=False)
app.conf.update(
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    worker_consumer="jobs.runs.worker.consuming.reconnecting:ReconnectingConsumer",
)


def diary() -> Path:
    """Return the folder in which tasks leave their notes."""
    return Path(os.environ[DIARY_VARIABLE])


def note(name: str) -> None:
    """Add a line with the worker's process id to the file `name`: one line per execution."""
    with (diary() / name).open("a") as file:
        file.write(f"{os.getppid()}\n")


@app.task(name="diary.write")
def write(name: str) -> None:
    """Leave a note."""
    note(name)


def hold(name: str) -> None:
    """Note the start, run until the file `release` exists, note the end."""
    note(f"{name}-started")
    while not (diary() / "release").exists():
        time.sleep(0.05)
    note(f"{name}-finished")


@app.task(name="diary.hold_early")
def hold_early(name: str) -> None:
    """Hold a message that was acknowledged when it started."""
    hold(name)


@app.task(name="diary.hold_late", acks_late=True)
def hold_late(name: str) -> None:
    """Hold a message that stays unacknowledged until the end."""
    hold(name)
