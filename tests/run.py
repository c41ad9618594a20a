"""Runs every suite, in two lanes at the same time: `make test`.

In one lane tests compute, in the other most of them wait for processes, so that together they keep
two cores busy; both take about as long. The integration suite runs against both databases. A
suite's output, its own seed in it, is printed when it is over; a failing one does not keep the
others from running. What they reach together is checked at the end.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

PARALLEL = ["-n", "2", "--dist", "worksteal"]
# The faults in which the database itself plays a part.
DATABASE_FAULTS = [
    *(f"tests/faults/test_{name}.py" for name in ("many_beats", "broker_outage", "workers_killed")),
    "tests/faults/postgresql",
]
POSTGRESQL = {"TEST_DATABASE": "postgresql"}


@dataclass(frozen=True)
class Suite:
    """One run of pytest. Measuring slows it down, so that only some suites are measured."""

    name: str
    arguments: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    is_measured: bool = False

    def run(self, more_arguments: list[str]) -> "Outcome":
        """Run it and print its output; return what came of it."""
        python = [sys.executable, "-m"]
        if self.is_measured:
            python += ["coverage", "run", "-m"]
        command = [*python, "pytest", *self.arguments, *PARALLEL, *more_arguments]
        say(f"-- {self.name} begins")
        began_at = time.monotonic()
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            code = subprocess.run(
                command,
                env={**os.environ, **self.variables},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
            output.seek(0)
            say(f"\n== {self.name} ==\n{output.read()}")
        return Outcome(self.name, code == 0, time.monotonic() - began_at)


@dataclass(frozen=True)
class Outcome:
    """Whether a suite passed, and how long it took."""

    name: str
    has_passed: bool
    seconds: float


COMPUTING = [
    Suite("integration on SQLite", ["tests/integration"], is_measured=True),
    Suite("integration on PostgreSQL", ["tests/integration"], POSTGRESQL),
]
WAITING = [
    Suite("unit", ["tests/unit"], is_measured=True),
    Suite("faults on SQLite", ["tests/faults", "--ignore=tests/faults/postgresql"]),
    Suite("faults on PostgreSQL", DATABASE_FAULTS, POSTGRESQL),
    Suite("browser", ["tests/browser"]),
]

_printing = Lock()


def main() -> int:
    """Return 0 when every suite passed, else 1; print one line per suite at the end."""
    coverage("erase")
    with ThreadPoolExecutor() as lanes:
        outcomes = [each for lane in lanes.map(run_lane, (COMPUTING, WAITING)) for each in lane]
    say("\n== coverage ==")
    is_covered = coverage("combine", "--quiet") and coverage("report")
    outcomes.append(Outcome("coverage", is_covered, 0.0))
    say("\n== summary ==")
    for each in outcomes:
        say(f"{'passed' if each.has_passed else 'FAILED':7} {each.name} ({each.seconds:.0f} s)")
    return int(not all(each.has_passed for each in outcomes))


def run_lane(suites: list[Suite]) -> list[Outcome]:
    """Run the suites one after the other."""
    return [suite.run(sys.argv[1:]) for suite in suites]


def coverage(*command: str) -> bool:
    """Return whether the command of coverage ended well."""
    return subprocess.run([sys.executable, "-m", "coverage", *command], check=False).returncode == 0


def say(text: str) -> None:
    """Print without mixing the lanes' lines."""
    with _printing:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
