"""Starts processes, restarts those that die, and stops them in the opposite order."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.guard import Guard
from scheduler_site.development.output import Output

LONGEST_DELAY_SECONDS = 30.0
# Whoever lived this long died of something new: its next restart is quick again.
STEADY_AFTER_SECONDS = 60.0


class Supervised(Protocol):
    """What is started and watched: a Process, or a server that starts itself."""

    name: str

    @property
    def pid(self) -> int:
        """The id of the process, which leads its own group."""

    def start(self) -> None:
        """Start it; raise OSError or DevelopmentError when that fails."""

    def is_running(self) -> bool:
        """Return whether it lives."""

    def ending(self) -> str:
        """Return how it ended, as a person says it."""

    def sweep(self) -> None:
        """Kill what is left of it."""

    def stop(self) -> None:
        """End it in its own good way and return when it is gone."""


@dataclass
class Watched:
    """A supervised process, its failures in a row and the moment of its next start."""

    process: Supervised
    failures: int = 0
    started_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None


def restart_delay_seconds(failures: int) -> float:
    """Return the pause before a restart: 0.5, 1, 2, 4 ... 30 seconds."""
    return float(min(0.5 * 2 ** min(failures - 1, 10), LONGEST_DELAY_SECONDS))


class Supervisor:
    """Keeps processes alive. One thread calls it."""

    def __init__(self, output: Output, guard: Guard) -> None:
        self._output = output
        self._guard = guard
        self._watched: list[Watched] = []

    def start(self, process: Supervised) -> None:
        """Start a process and watch it from now on. Errors of its first start are raised."""
        process.start()
        self._guard.watch(process.pid)
        self._watched.append(Watched(process))

    def look(self) -> None:
        """Notice what died since the last look, and start again what is due for it."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.restart_at is not None:
                self._restart_when_due(watched, now)
            elif not watched.process.is_running():
                self._note_death(watched, now)

    def stop(self, process: Supervised) -> None:
        """Stop a process for good, with whatever it would leave behind."""
        self._watched = [one for one in self._watched if one.process is not process]
        try:
            if process.is_running():
                self._output.say(f"Stopping {process.name}.")
                process.stop()
        finally:
            process.sweep()
            self._guard.forget(process.pid)

    def _note_death(self, watched: Watched, now: float) -> None:
        process = watched.process
        process.sweep()
        self._guard.forget(process.pid)
        lived_seconds = now - watched.started_at
        watched.failures = 1 if lived_seconds > STEADY_AFTER_SECONDS else watched.failures + 1
        delay_seconds = restart_delay_seconds(watched.failures)
        watched.restart_at = now + delay_seconds
        self._output.say(
            f"{process.name} {process.ending()}. It is started again in {delay_seconds:g} seconds."
        )

    def _restart_when_due(self, watched: Watched, now: float) -> None:
        if watched.restart_at is None or now < watched.restart_at:
            return
        process = watched.process
        try:
            process.start()
        except (DevelopmentError, OSError) as problem:
            watched.failures += 1
            watched.restart_at = now + restart_delay_seconds(watched.failures)
            self._output.say(f"{process.name} could not be started again: {problem}")
            return
        self._guard.watch(process.pid)
        watched.started_at = time.monotonic()
        watched.restart_at = None
        self._output.say(f"{process.name} was started again (process {process.pid}).")
