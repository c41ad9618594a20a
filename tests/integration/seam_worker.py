"""A real worker that knows the tasks of `seam_tasks`, and a beat that is this very process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import timezone

from beat.publish.publishing import publish
from jobs.runs.current import id_of_run
from jobs.runs.models import Run
from jobs.runs.states import ENDS
from scheduler_site.celery import app as site
from tests.servers.celery_processes import CeleryProcess, process_environment
from tests.waiting import wait_until

TASKS = "tests.integration.seam_tasks"
BEAT = "beat@test"


@contextmanager
def seam_worker(
    broker_url: str, log: Path, *options: str, app: str = "scheduler_site", **variables: str
) -> Iterator[CeleryProcess]:
    """Yield a worker with two children that is ready for messages; stopped at the end."""
    arguments = ["worker", "-I", TASKS, "-c", "2", "-l", "INFO", *options]
    arguments += ["--without-mingle", "--without-gossip"]
    started = CeleryProcess(arguments, log, process_environment(broker_url, **variables), app)
    try:
        started.wait_for_log("ready.")
        yield started
    finally:
        started.stop()


def run_of(sent: Any) -> Run:
    """Return the run of a call."""
    return Run.objects.get(id=id_of_run(str(sent)))


def wait_for_end(*sent: Any, timeout_seconds: float = 30) -> list[Run]:
    """Return the runs of these calls once all have ended, publishing meanwhile what is due."""
    ids = [id_of_run(str(one)) for one in sent]

    def have_ended() -> bool:
        ended = Run.objects.filter(id__in=ids, state__in=ENDS).count()
        open_runs = Run.objects.filter(id__in=ids).exclude(state__in=ENDS)
        assert ended == len(ids), list(open_runs.values_list("task", "state", "reason"))
        return True

    publishing(have_ended, "the runs to end", timeout_seconds)
    return [Run.objects.get(id=run_id) for run_id in ids]


def publishing(predicate: Callable[[], object], what_for: str, timeout_seconds: float = 30) -> None:
    """Wait until the predicate holds, publishing meanwhile what is due."""

    def published_and_holds() -> object:
        publish(site, timezone.now(), 100, BEAT)
        return predicate()

    wait_until(published_and_holds, what_for, timeout_seconds)
