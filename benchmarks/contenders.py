"""The schedulers that are measured, each as real `celery beat` processes with its own defaults."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from beat.models import Beat, Timer
from benchmarks.messages import seen_at
from benchmarks.schedules import (
    Interval,
    define_for_punctual,
    define_for_redbeat,
    define_for_stock,
    empty,
)
from tests.servers.celery_processes import CeleryProcess
from tests.waiting import wait_until

APP = "benchmarks.celery_app"
START_TIMEOUT_SECONDS = 600.0
# An overdue schedule of this queue is sent as soon as the scheduler has read its schedules.
CANARY_QUEUE = "canary"
AN_HOUR_SECONDS = 3600
# So many occurrences one after the other: with two beats each gets some of them.
WARM_UPS = 20
WARM_UP_SECONDS = 2.0


@dataclass(frozen=True)
class Contender:
    """A scheduler: its class, how its schedules are written, how long it may take to read them.

    `define` writes schedules; `announce` adds what shows that the scheduler is ready.
    """

    name: str
    scheduler: str
    define: Callable[[Interval], None]
    announce: Callable[[], None]
    seconds_per_thousand: float


class Beats:
    """So many beats of one contender; a context manager that ends them all."""

    def __init__(self, contender: Contender, count: int = 1, *options: str) -> None:
        self.contender = contender
        self._folder = tempfile.TemporaryDirectory(prefix="punctual-benchmark-")
        self._arguments = ["beat", "-S", contender.scheduler, "-l", "WARNING", *options]
        self._count = count
        self.processes: list[CeleryProcess] = []
        self.started_at = 0.0

    @property
    def pid(self) -> int:
        """The process id of the first."""
        return self.processes[0].process.pid

    def wait_until_ready(self) -> None:
        """Return when all tick, have read every schedule and have sent something."""
        if self.contender is PUNCTUAL:
            self.wait_for_first_ticks()
            wait_until(self._is_all_computed, "all timers", START_TIMEOUT_SECONDS)
            self._warm_up()
            return
        self.wait_for_first_ticks()

    def wait_for_first_ticks(self) -> float:
        """Return the seconds from the start until the first tick of all is over.

        Punctual's says so in the table of beats, the others' sends the overdue schedule.
        """
        until = self.started_at + START_TIMEOUT_SECONDS
        if self.contender is not PUNCTUAL:
            ticked_at = seen_at(1, CANARY_QUEUE, until, self.check)
            if ticked_at is None:
                raise TimeoutError(f"{self.contender.name} did not tick.")
            return ticked_at - self.started_at
        while not self._have_ticked():
            self.check()
            time.sleep(0.01)
        return time.time() - self.started_at

    def check(self) -> None:
        """Raise RuntimeError with the log when one of them has ended."""
        for process in self.processes:
            if process.process.poll() is not None:
                raise RuntimeError(f"A beat has ended: {process.log.read_text()}")

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        self.started_at = time.time()
        for number in range(self._count):
            log = folder / f"beat-{number}.log"
            self.processes.append(CeleryProcess(self._arguments, log, dict(os.environ), APP))
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.stop()
        self._folder.cleanup()

    def _have_ticked(self) -> bool:
        pids = {process.process.pid for process in self.processes}
        return pids <= set(Beat.objects.values_list("pid", flat=True))

    def _warm_up(self) -> None:
        """Have something sent, as the others have: connections open with the first message."""
        soon = time.time() + WARM_UP_SECONDS / 2
        due_at = [soon + n * WARM_UP_SECONDS / WARM_UPS for n in range(WARM_UPS)]
        define_for_punctual(Interval(AN_HOUR_SECONDS, due_at), CANARY_QUEUE)
        until = soon + START_TIMEOUT_SECONDS
        if seen_at(WARM_UPS, CANARY_QUEUE, until, self.check) is None:
            raise TimeoutError("Punctual has not sent what was to warm it up.")

    def _is_all_computed(self) -> bool:
        self.check()
        return not Timer.objects.filter(is_stale=True).exists()


def set_up(contender: Contender, interval: Interval) -> None:
    """Replace everything by these schedules of the contender."""
    empty()
    contender.define(interval)
    contender.announce()


def seconds_to_get_ready(contender: Contender, schedules: int) -> float:
    """Return how long to leave between defining schedules and their first instant."""
    return 15 + contender.seconds_per_thousand * schedules / 1000


def _overdue() -> Interval:
    return Interval(AN_HOUR_SECONDS, [time.time() - AN_HOUR_SECONDS])


PUNCTUAL = Contender(
    "Punctual", "beat.scheduler:PunctualScheduler", define_for_punctual, lambda: None, 0.7
)
STOCK = Contender(
    "DatabaseScheduler",
    "django_celery_beat.schedulers:DatabaseScheduler",
    define_for_stock,
    lambda: define_for_stock(_overdue(), CANARY_QUEUE),
    5,
)
REDBEAT = Contender(
    "celery-redbeat",
    "redbeat.RedBeatScheduler",
    define_for_redbeat,
    lambda: define_for_redbeat(_overdue(), CANARY_QUEUE),
    0.5,
)
CONTENDERS = (PUNCTUAL, STOCK, REDBEAT)
