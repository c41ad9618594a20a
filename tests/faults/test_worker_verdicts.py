"""Workers of which one part hangs: who is robbed of its runs, and who is not."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from jobs.runs.models import Attempt, Run, Worker
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import Beats, wait_for_beats
from tests.faults.witness_tasks import executions, overlaps
from tests.faults.workers import (
    LEASE_SECONDS,
    Workers,
    add_runs,
    children_of,
    row_of,
    wait_until_all_end,
    wait_until_running,
)
from tests.servers.celery_processes import CeleryProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beats(broker: RedisServer, tmp_path: Path) -> Iterator[Beats]:
    """Yield one beat with the short lease."""
    with Beats(1, broker.url, tmp_path, WORKER_LEASE_SECONDS=str(LEASE_SECONDS)) as beats:
        wait_for_beats(1)
        yield beats


def seconds_since(worker: Worker, name: str) -> float:
    """Return how long ago the instant was that the worker's row holds."""
    return float((timezone.now() - getattr(worker, name)).total_seconds())


def has_let_go(worker: CeleryProcess, executing: set[int]) -> bool:
    """Return whether none of the processes is left that executed the worker's tasks."""
    alive = set(children_of(worker))
    if worker.process.poll() is None:
        alive.add(worker.process.pid)
    return not alive & executing


def test_a_worker_whose_main_process_stands_still_is_fenced_and_its_run_starts_elsewhere(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with Workers(broker.url, tmp_path) as workers:
        stopped = workers.ready()
        [run_id] = add_runs([30.0], again_seconds=2.0)
        wait_until_running(1)
        os.kill(stopped.process.pid, signal.SIGSTOP)
        former = row_of(stopped)
        workers.ready()
        wait_until(lambda: not children_of(stopped), "its children to end themselves")
        wait_until(lambda: Run.objects.filter(state=State.RUNNING, attempt=2).exists(), "attempt 2")
        os.kill(stopped.process.pid, signal.SIGCONT)
        wait_until(lambda: row_of(stopped).id != former.id, "it to begin a new life")
        assert wait_until_all_end() == {State.SUCCEEDED: 1}
        evidence = executions(broker.url)
    former.refresh_from_db()
    [first, _second] = evidence[str(run_id)]
    # The fence comes before the rescue.
    assert former.stopped_at is not None
    assert first.last_sign_at < former.stopped_at.timestamp()
    assert overlaps(evidence) == []
    assert Attempt.objects.get().outcome == Outcome.LOST


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_whole_worker_that_stands_still_does_no_harm_when_it_goes_on(
    broker: RedisServer, beats: Beats, tmp_path: Path, pool: str
) -> None:
    with Workers(broker.url, tmp_path) as workers:
        stopped = workers.ready("--pool", pool)
        add_runs([30.0], again_seconds=2.0)
        wait_until_running(1)
        wait_until(lambda: executions(broker.url), "its first sign")
        executing = set(children_of(stopped)) if pool == "prefork" else {stopped.process.pid}
        os.killpg(stopped.process.pid, signal.SIGSTOP)
        workers.ready()
        wait_until(lambda: Run.objects.filter(state=State.RUNNING, attempt=2).exists(), "attempt 2")
        os.killpg(stopped.process.pid, signal.SIGCONT)
        assert wait_until_all_end() == {State.SUCCEEDED: 1}
        # It may give a few signs more while its guard wakes up.
        wait_until(lambda: has_let_go(stopped, executing), "what executed there to end")
        [[first, second]] = executions(broker.url).values()
    assert not first.is_done
    assert second.is_done
    assert Run.objects.get().attempt == 2


def test_a_worker_whose_heartbeat_hangs_while_its_pool_works_ends_before_the_rescue(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with Workers(broker.url, tmp_path) as workers:
        # Tasks of this pool are in the main process, where one can stop the heart.
        worker = workers.ready("--pool", "threads")
        [run_id] = add_runs([30.0], again_seconds=2.0)
        wait_until_running(1)
        [stops] = add_runs([0.0], task="tests.stop_heart")
        wait_until(lambda: Run.objects.get(id=stops).state == State.SUCCEEDED, "the heart to stop")
        workers.ready()
        wait_until(lambda: worker.process.poll() is not None, "the worker to end itself")
        assert wait_until_all_end() == {State.SUCCEEDED: 2}
        evidence = executions(broker.url)
    assert len(evidence[str(run_id)]) == 2
    assert overlaps(evidence) == []


def test_a_worker_whose_pool_hangs_keeps_its_runs_and_shows_it(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with Workers(broker.url, tmp_path) as workers:
        worker = workers.ready()
        add_runs([1.0])
        wait_until_running(1)
        children = children_of(worker)
        for child in children:
            os.kill(child, signal.SIGSTOP)
        wait_until(
            lambda: seconds_since(row_of(worker), "pool_seen_at") > 2 * LEASE_SECONDS,
            "the row to show that the pool is silent",
        )
        row = row_of(worker)
        assert seconds_since(row, "heartbeat_at") < LEASE_SECONDS
        assert (row.stopped_at, row.running_count) == (None, 1)
        assert Run.objects.get().state == State.RUNNING
        for child in children:
            os.kill(child, signal.SIGCONT)
        assert wait_until_all_end() == {State.SUCCEEDED: 1}
    assert not Attempt.objects.exists()


def test_a_run_that_its_worker_does_not_have_is_taken_from_it(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with Workers(broker.url, tmp_path) as workers:
        worker = workers.ready()
        wait_until(lambda: Worker.objects.filter(pid=worker.process.pid).exists(), "its row")
        [run_id] = add_runs([0.1], state=State.RUNNING, worker_id=row_of(worker).id)
        Run.objects.filter(id=run_id).update(started_at=timezone.now())
        assert wait_until_all_end() == {State.SUCCEEDED: 1}
    assert (Run.objects.get().attempt, Attempt.objects.get().outcome) == (2, Outcome.LOST)
