"""What a task gets, with real workers: log, progress, links, and an end when somebody asks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from jobs.runs.cancelling import end_by_force, request_cancel
from jobs.runs.models import Run
from jobs.runs.results import Link, links_of
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.executing import log_of
from tests.servers.celery_processes import CeleryProcess, process_environment
from tests.waiting import wait_until

TIMES = 20


@contextmanager
def worker(broker: RedisServer, log: Path, *options: str) -> Iterator[CeleryProcess]:
    """Yield a worker that knows the telling tasks."""
    arguments = ["worker", "-I", "tests.integration.telling_tasks", "-c", "2", *options]
    started = CeleryProcess(arguments, log, process_environment(broker.url))
    try:
        started.wait_for_log("ready.")
        yield started
    finally:
        started.kill()


def sent(task: str, *args: object) -> UUID:
    """Publish the task and return the id of its run."""
    return UUID(str(app.send_task(f"tests.{task}", args).id))


def ended(run_id: UUID) -> Run:
    """Return the run once it is over."""
    ends = Run.objects.filter(id=run_id, finished_at__isnull=False)
    wait_until(ends.exists, f"run {run_id} to end")
    return ends.get()


def has_said(run_id: UUID, text: str) -> None:
    """Return once the words are in the run's log."""
    wait_until(lambda: text in log_of(Run(id=run_id)), f"{text!r} in the log of {run_id}")


@pytest.mark.django_db(transaction=True)
def test_a_task_is_heard_seen_and_ended_as_asked(broker: RedisServer, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with worker(broker, log, "-l", "INFO"):
        telling, listening, hanging = sent("tell", "hello", TIMES), sent("listen"), sent("hang")

        told = ended(telling)
        assert told.progress == {"done": TIMES, "total": TIMES, "text": "hello"}
        assert told.result is not None
        assert told.result["due_at"] == told.due_at.isoformat()
        assert links_of(told.result) == [Link("hello", "/hello/")]
        assert_whole(log_of(told), "hello")
        assert log.read_text().count("hello printed") == TIMES, "it goes where it went before"

        has_said(listening, "listening")
        assert request_cancel(listening, None, "enough", timezone.now())
        run = ended(listening)
        assert (run.state, run.reason_text) == (State.CANCELLED, "Cancelled by the system: enough")

        has_said(hanging, "hanging in ")
        process_id = int(log_of(Run(id=hanging)).split()[-1])
        assert is_alive(process_id)
        assert end_by_force(hanging, None, "it hangs", timezone.now())
        wait_until(lambda: not is_alive(process_id), "the process that hangs to be killed")
        assert ended(sent("tell", "again", 1)).state == State.SUCCEEDED
        run = ended(hanging)
        assert (run.state, run.attempt) == (State.CANCELLED, 1)
        assert run.reason_text == "Ended by force by the system: it hangs"
        assert "hanging in" in log_of(run), "its log outlives its process"


@pytest.mark.django_db(transaction=True)
def test_two_tasks_in_the_threads_of_one_worker_are_heard_apart(
    broker: RedisServer, tmp_path: Path
) -> None:
    with worker(broker, tmp_path / "worker.log", "-l", "INFO", "--pool", "threads"):
        run_ids = {word: sent("tell", word, TIMES) for word in ("hello", "world")}
        for word, run_id in run_ids.items():
            assert_whole(log_of(ended(run_id)), word)


def assert_whole(said: str, word: str) -> None:
    """Check that the log holds what the task said and nothing else."""
    lines = said.splitlines()
    assert lines.count(f"{word} printed") == TIMES
    assert len([line for line in lines if line.endswith(f"{word} logged")]) == TIMES
    assert len(lines) == 2 * TIMES


def is_alive(process_id: int) -> bool:
    """Return whether there is such a process."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
