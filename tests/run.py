"""Runs every suite, two at the same time: `make test`.

Those that wait for processes begin, beside one that computes, so that two cores are kept busy. The
integration suite runs against both databases. A suite's output, its own seed in it, is printed
when it is over; a failing one does not keep the others from running.

With MEASURE_COVERAGE=1, as in `make check` and CI, some suites are measured, and what they reach
together is checked at the end. That costs three minutes of computing, which nobody waits for who
only wants to know whether the tests pass.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

# The faults in which the database itself plays a part.
DATABASE_FAULTS = [
    *(f"tests/faults/test_{name}.py" for name in ("many_beats", "broker_outage", "workers_killed")),
    "tests/faults/postgresql",
]
POSTGRESQL = {"TEST_DATABASE": "postgresql"}
IS_MEASURING = bool(os.environ.get("MEASURE_COVERAGE"))
SUITES_AT_ONCE = 2


@dataclass(frozen=True)
class Suite:
    """One run of pytest; measured, where coverage is, or not."""

    name: str
    arguments: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    is_measured: bool = False
    processes: int = 2

    def run(self, more_arguments: list[str]) -> "Outcome":
        """Run it and print its output; return what came of it."""
        python = [sys.executable, "-m"]
        if self.is_measured and IS_MEASURING:
            python += ["coverage", "run", "-m"]
        parallel = ["-n", str(self.processes), "--dist", "worksteal"]
        command = [*python, "pytest", *self.arguments, *parallel, *more_arguments]
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


# In the order in which they begin: the longest first, the shortest at the end. Of those that
# compute, some tests wait for processes too: a third one keeps the cores busy then.
SUITES = [
    Suite("faults on SQLite", ["tests/faults", "--ignore=tests/faults/postgresql"]),
    Suite("integration on PostgreSQL", ["tests/integration"], POSTGRESQL, processes=3),
    Suite(
        "integration on SQLite and unit",
        ["tests/integration", "tests/unit"],
        is_measured=True,
        processes=3,
    ),
    Suite("browser", ["tests/browser"]),
    # The last one has the cores for itself.
    Suite("faults on PostgreSQL", DATABASE_FAULTS, POSTGRESQL, processes=4),
]

_printing = Lock()


def main() -> int:
    """Return 0 when every suite passed, else 1; print one line per suite at the end."""
    coverage("erase")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(SUITES_AT_ONCE) as lanes:
        # The migrations of SQLite run once for all suites (tests/databases.py).
        os.environ["MIGRATED_FOLDER"] = folder
        outcomes = list(lanes.map(lambda suite: suite.run(sys.argv[1:]), SUITES))
    if IS_MEASURING:
        outcomes.append(judge_coverage())
    say("\n== summary ==")
    for each in outcomes:
        say(f"{'passed' if each.has_passed else 'FAILED':7} {each.name} ({each.seconds:.0f} s)")
    return int(not all(each.has_passed for each in outcomes))


def judge_coverage() -> Outcome:
    """Print what the measured suites reached; it fails below what pyproject.toml asks for."""
    say("\n== coverage ==")
    return Outcome("coverage", coverage("combine", "--quiet") and coverage("report"), 0.0)


def coverage(*command: str) -> bool:
    """Return whether the command of coverage ended well."""
    return subprocess.run([sys.executable, "-m", "coverage", *command], check=False).returncode == 0


def say(text: str) -> None:
    """Print without mixing the lanes' lines."""
    with _printing:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
