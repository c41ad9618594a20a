"""Several real workers that tests kill, stop and watch, and the runs that they execute."""

import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

from django.utils import timezone

from jobs.runs.models import Run, Worker
from jobs.runs.states import ENDS, Kind, State
from tests.servers.celery_processes import CeleryProcess, process_environment
from tests.waiting import wait_until

LEASE_SECONDS = 4
TASKS = "tests.faults.witness_tasks,tests.faults.bad_tasks"


class Workers:
    """Real `celery worker` processes with two children each; a context manager that ends them."""

    def __init__(self, broker_url: str, directory: Path, **variables: str) -> None:
        variables = {"WORKER_LEASE_SECONDS": str(LEASE_SECONDS), **variables}
        self._environment = process_environment(broker_url, LOG_LEVEL="INFO", **variables)
        self._directory = directory
        self._numbers = itertools.count(1)
        self.processes: list[CeleryProcess] = []

    def add(self, *options: str) -> CeleryProcess:
        """Start one more worker; it need not be ready yet."""
        number = next(self._numbers)
        arguments = ["worker", "-I", TASKS, "-n", f"worker-{number}@%h"]
        arguments += ["-c", "2", "-l", "INFO", "--without-mingle", "--without-gossip"]
        log = self._directory / f"worker-{number}.log"
        process = CeleryProcess([*arguments, *options], log, self._environment)
        self.processes.append(process)
        return process

    def ready(self, *options: str) -> CeleryProcess:
        """Start one more worker and return when it takes messages."""
        process = self.add(*options)
        process.wait_for_log("ready.")
        return process

    def kill(self, victim: CeleryProcess) -> None:
        """Kill the whole process group, as a power failure would."""
        victim.kill()
        self.processes.remove(victim)

    def logs(self) -> str:
        """Return what all workers have logged."""
        return "\n".join(path.read_text() for path in sorted(self._directory.glob("worker-*.log")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()


def row_of(process: CeleryProcess) -> Worker:
    """Return the row of the worker's present life."""
    return Worker.objects.filter(pid=process.process.pid).latest("started_at")


def children_of(process: CeleryProcess) -> list[int]:
    """Return the process ids of the worker's pool (proc(5): the fourth field is the parent's)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process.process.pid and state != "Z":
            found.append(int(stat.parent.name))
    return found


def add_runs(
    seconds: Iterable[float], again_seconds: float | None = None, **fields: Any
) -> list[UUID]:
    """Insert pending runs of `tests.witness` that work for so long each; return their ids."""
    now = timezone.now()
    values = {"task": "tests.witness", "kind": Kind.MANUAL, "due_at": now, "publish_at": now}
    runs = [Run(id=uuid4(), args=[each, again_seconds], **(values | fields)) for each in seconds]
    Run.objects.bulk_create(runs)
    return [run.id for run in runs]


def wait_until_running(count: int) -> None:
    """Return when so many runs are running."""
    wait_until(lambda: Run.objects.filter(state=State.RUNNING).count() >= count, f"{count} to run")


def wait_until_all_end(timeout_seconds: float = 60) -> Counter[str]:
    """Return how many runs ended in which state, when none is under way any more."""

    def have_ended() -> bool:
        under_way = Run.objects.exclude(state__in=ENDS).values_list("state", "reason", "attempt")
        assert not under_way.exists(), Counter(under_way)
        return True

    wait_until(have_ended, "all runs to end", timeout_seconds)
    return Counter(Run.objects.values_list("state", flat=True))
