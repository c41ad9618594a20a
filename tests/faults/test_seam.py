"""Tasks that outlast their message, and tasks that end their process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.integration import seam_tasks
from tests.integration.seam_worker import seam_worker, wait_for_end
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
VISIBILITY_SECONDS = 5
SITE = """
from scheduler_site.celery import app
app.conf.broker_transport_options = {
    **app.conf.broker_transport_options,
    "visibility_timeout": %d,
    # kombu 5.7 would look for what nobody acknowledged only every hundred seconds.
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
app.conf.task_acks_late = True
"""


@pytest.fixture
def impatient_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the name of our app with late acknowledgement and a short visibility timeout."""
    (tmp_path / "impatient_site.py").write_text(SITE % VISIBILITY_SECONDS)
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    monkeypatch.setenv("PYTHONPATH", path)
    yield "impatient_site"


def test_a_task_longer_than_the_visibility_timeout_is_executed_once(
    broker: RedisServer, impatient_app: str, tmp_path: Path
) -> None:
    logs = [tmp_path / "one.log", tmp_path / "two.log"]

    def times_said(words: str) -> int:
        return sum(log.read_text().count(words) for log in logs)

    with (
        seam_worker(broker.url, logs[0], app=impatient_app),
        seam_worker(broker.url, logs[1], "-n", "two@%h", app=impatient_app),
    ):
        long = seam_tasks.sleep.delay(2 * VISIBILITY_SECONDS + 2)
        received = f"Task seam.sleep[{long.id}] received"
        wait_until(lambda: times_said(received) >= 2, "the broker to give the message out again")
        wait_until(lambda: times_said("run not started: another has it"), "the copy's refusal")
        assert Run.objects.get(id=str(long.id)).state == State.RUNNING
        [run] = wait_for_end(long)
    assert (run.state, run.attempt, run.losses) == (State.SUCCEEDED, 1, 0)
    assert times_said("run started") == 1


def test_what_kills_its_process_or_never_ends_is_capped_and_harms_no_other(
    broker: RedisServer, tmp_path: Path
) -> None:
    with seam_worker(broker.url, tmp_path / "worker.log") as worker:
        bad = [seam_tasks.poison.delay(), seam_tasks.want_memory.delay()]
        bad.append(seam_tasks.sleep_hard.delay())
        good = [seam_tasks.add.delay(1, number) for number in range(20)]
        ended = wait_for_end(*bad, *good, timeout_seconds=60)
        assert worker.process.poll() is None
    assert [run.state for run in ended[:3]] == [State.LOST, State.FAILED, State.FAILED]
    assert {(run.state, run.attempt) for run in ended[3:]} == {(State.SUCCEEDED, 1)}
