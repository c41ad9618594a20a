"""Several real beats and a worker on one database and one Redis, and what the ledger must show."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Beat, Policy, Timer
from jobs.runs.models import Run
from jobs.runs.states import ENDS, Overlap, State
from tests.faults.tally_tasks import executions
from tests.servers.celery_processes import CeleryProcess, process_environment
from tests.waiting import wait_until

SCHEDULER = "beat.scheduler:PunctualScheduler"
# Every occurrence counts here: none may be left out by a policy.
RUN_ALL = {"overlap": Overlap.ALLOW, "catch_up": "all", "catch_up_pace_seconds": 0}


class Beats:
    """Real `celery beat` processes; a context manager that ends them all."""

    def __init__(self, count: int, broker_url: str, directory: Path, **variables: str) -> None:
        self._environment = process_environment(broker_url, **variables)
        self._directory = directory
        self._numbers = itertools.count(1)
        self.processes: list[CeleryProcess] = []
        for _ in range(count):
            self.add()

    def add(self) -> CeleryProcess:
        """Start one more beat."""
        log = self._directory / f"beat-{next(self._numbers)}.log"
        process = CeleryProcess(["beat", "-S", SCHEDULER], log, self._environment)
        self.processes.append(process)
        return process

    def kill_oldest_that_ticks(self) -> None:
        """Kill the beat that has ticked for longest, once a second one ticks; start another."""
        wait_until(lambda: len(self._ticking()) >= 2, "two beats to tick", 60)
        victim = self._ticking()[0]
        self.processes.remove(victim)
        victim.kill()
        self.add()

    def kill_all(self) -> None:
        """Kill every beat, one right after the other; none is started."""
        for victim in self.processes:
            victim.kill()
        self.processes.clear()

    def start_again(self, count: int) -> None:
        """Start so many beats and return when all of them tick."""
        for _ in range(count):
            self.add()
        wait_until(lambda: len(self._ticking()) == count, "all beats to tick", 60)

    def _ticking(self) -> list[CeleryProcess]:
        pids = set(Beat.objects.values_list("pid", flat=True))
        return [process for process in self.processes if process.process.pid in pids]

    def logs(self) -> str:
        """Return what all beats have logged."""
        return "\n".join(path.read_text() for path in sorted(self._directory.glob("beat-*.log")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.stop()


@contextmanager
def tally_worker(broker_url: str, log: Path, **variables: str) -> Iterator[CeleryProcess]:
    """Yield a worker that knows `tests.tally`."""
    arguments = ["worker", "-I", "tests.faults.tally_tasks", "-c", "2", "-l", "WARNING"]
    arguments += ["--without-mingle", "--without-gossip", "--without-heartbeat"]
    worker = CeleryProcess(
        arguments, log, process_environment(broker_url, LOG_LEVEL="INFO", **variables)
    )
    with ExitStack() as stack:
        stack.callback(worker.stop)
        worker.wait_for_log("ready.")
        yield worker


def add_schedules(count: int, every_seconds: int, **fields: Any) -> None:
    """Insert schedules of `tests.tally` whose policy leaves nothing out."""
    rule = IntervalSchedule.objects.create(every=every_seconds, period="seconds")
    values = {"task": "tests.tally", "interval": rule, **fields}
    schedules = [PeriodicTask(name=f"tally {number}", **values) for number in range(count)]
    PeriodicTask.objects.bulk_create(schedules)
    Policy.objects.bulk_create(Policy(schedule=schedule, **RUN_ALL) for schedule in schedules)


def wait_for_beats(count: int) -> None:
    """Return when so many beats have written that they make progress."""
    wait_until(lambda: Beat.objects.count() >= count, f"{count} beats to tick", 60)


def stop_schedules() -> datetime:
    """Disable all schedules, wait until the beats go by it, and return when that began."""
    stopped_at = timezone.now()
    PeriodicTask.objects.update(enabled=False)
    wait_until(
        lambda: not Timer.objects.exclude(due_at=None, is_stale=False).exists(),
        "the beats to notice that nothing is due any more",
    )
    return stopped_at


def wait_until_all_runs_end(stall_seconds: float = 120) -> None:
    """Return when no run is under way; fail when for so long none has ended.

    A slow machine's worker may lag far behind several beats.
    """

    under_way = Run.objects.exclude(state__in=ENDS)
    while left := under_way.count():
        wait_until(
            lambda before=left: under_way.count() < before,  # type: ignore[misc]
            f"one more of {left} runs to end",
            stall_seconds,
        )


def occurrences_left_out(every_seconds: int, until: datetime) -> list[str]:
    """Return the schedules that lack a run for an occurrence between their first one and `until`.

    An occurrence of the last moment may have been claimed or not when the schedules were stopped.
    """
    due: dict[str, list[datetime]] = {}
    for name, due_at in Run.objects.order_by("due_at").values_list("schedule_name", "due_at"):
        due.setdefault(name, []).append(due_at)
    every, last_moment = timedelta(seconds=every_seconds), timedelta(seconds=1)
    return [
        f"{name}: none between {earlier} and {later}"
        for name, instants in due.items()
        for earlier, later in itertools.pairwise([*instants, until])
        if (later is until and later - earlier > every + last_moment)
        or (later is not until and later - earlier != every)
    ]


def assert_each_ran_once(broker_url: str, schedules: int) -> None:
    """Assert that every schedule has runs, and that each of them was executed exactly once."""
    states = Counter(Run.objects.values_list("state", flat=True))
    assert set(states) == {State.SUCCEEDED}, states
    ids = {str(run_id) for run_id in Run.objects.values_list("id", flat=True)}
    executed = executions(broker_url)
    assert {run: count for run, count in executed.items() if count != 1} == {}
    assert set(executed) == ids
    assert Run.objects.values("schedule_name").distinct().count() == schedules


def largest_gap() -> timedelta:
    """Return the longest that an occurrence waited until the broker had it, by the ledger."""
    gaps = [
        queued_at - due_at
        for due_at, queued_at in Run.objects.values_list("due_at", "queued_at")
        if queued_at is not None
    ]
    return max(gaps)
