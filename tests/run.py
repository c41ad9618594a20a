"""Runs every suite, one after the other: `make test`.

The integration suite runs against both databases. Each suite prints its own seed; a failing one
does not keep the others from running. What they reach together is checked at the end.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field


def parallel(processes: int) -> list[str]:
    """Return pytest's arguments for so many processes; who waits for others leaves the CPU idle."""
    return ["-n", str(processes), "--dist", "worksteal"]


# The faults in which the database itself plays a part.
DATABASE_FAULTS = [
    *(f"tests/faults/test_{name}.py" for name in ("many_beats", "broker_outage", "workers_killed")),
    "tests/faults/postgresql",
]


@dataclass(frozen=True)
class Suite:
    """One run of pytest. Measuring slows it down, so that only some suites are measured."""

    name: str
    arguments: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    is_measured: bool = False

    def run(self, more_arguments: list[str]) -> int:
        """Return pytest's exit code."""
        python = [sys.executable, "-m"]
        if self.is_measured:
            python += ["coverage", "run", "-m"]
        command = [*python, "pytest", *self.arguments, *more_arguments]
        environment = {**os.environ, **self.variables}
        return subprocess.run(command, env=environment, check=False).returncode


SUITES = [
    Suite("unit", ["tests/unit", *parallel(2)], is_measured=True),
    Suite("integration on SQLite", ["tests/integration", *parallel(3)], is_measured=True),
    Suite(
        "integration on PostgreSQL",
        ["tests/integration", *parallel(3)],
        {"TEST_DATABASE": "postgresql"},
    ),
    Suite("faults on SQLite", ["tests/faults", "--ignore=tests/faults/postgresql", *parallel(4)]),
    Suite(
        "faults on PostgreSQL", [*DATABASE_FAULTS, *parallel(4)], {"TEST_DATABASE": "postgresql"}
    ),
    Suite("browser", ["tests/browser", *parallel(2)]),
]


def main() -> int:
    """Return 0 when every suite passed, else 1; print one line per suite at the end."""
    _coverage("erase")
    outcomes: list[tuple[str, int, float]] = []
    for suite in SUITES:
        print(f"\n== {suite.name} ==", flush=True)
        began_at = time.monotonic()
        code = suite.run(sys.argv[1:])
        outcomes.append((suite.name, code, time.monotonic() - began_at))
    print("\n== coverage ==", flush=True)
    outcomes.append(("coverage", _coverage("combine", "--quiet") or _coverage("report"), 0.0))
    print("\n== summary ==")
    for name, code, seconds in outcomes:
        print(f"{'passed' if code == 0 else 'FAILED':7} {name} ({seconds:.0f} s)")
    return int(any(code for _, code, _ in outcomes))


def _coverage(*command: str) -> int:
    return subprocess.run([sys.executable, "-m", "coverage", *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
