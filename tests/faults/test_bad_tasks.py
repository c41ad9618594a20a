"""Tasks that never end or take all memory: each ends with a reason, the others do not notice."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from jobs.runs.models import Attempt, Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.faults.bad_tasks import MIB
from tests.faults.beats import Beats, wait_for_beats
from tests.faults.witness_tasks import executions, overlaps
from tests.faults.workers import Workers, add_runs, wait_until_all_end
from tests.servers.memory_limit import limited_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beats(broker: RedisServer, tmp_path: Path) -> Iterator[Beats]:
    """Yield one beat."""
    with Beats(1, broker.url, tmp_path) as beats:
        wait_for_beats(1)
        yield beats


def end_of(run_id: UUID) -> tuple[str, str, int, int]:
    """Return the state and reason of the run, its attempt and how often it was lost."""
    run = Run.objects.get(id=run_id)
    return run.state, run.reason, run.attempt, run.losses


def test_an_endless_loop_and_two_that_take_all_memory_are_ended_and_say_why(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    with (
        limited_group(120 * MIB) as group,
        Workers(broker.url, tmp_path) as workers,
    ):
        worker = workers.ready()
        [loop] = add_runs([0], task="tests.loop", time_limit_seconds=1, max_attempts=2)
        [starved] = add_runs([0], task="tests.grow_beyond_address_space")
        [killed] = add_runs([0], task="tests.grow_until_killed", max_losses=1)
        Run.objects.filter(id=killed).update(args=[str(group) if group else None])
        others = add_runs([0.05] * 20)
        ends = wait_until_all_end()
        assert worker.process.poll() is None
        evidence = executions(broker.url)
    assert ends == {State.SUCCEEDED: len(others), State.FAILED: 2, State.LOST: 1}
    assert end_of(loop) == (State.FAILED, "time_limit", 2, 0)
    assert end_of(starved) == (State.FAILED, "error", 1, 0)
    assert Run.objects.get(id=starved).reason_text.startswith("MemoryError")
    assert end_of(killed) == (State.LOST, "worker_died", 2, 2)
    assert "by the kernel for want of memory" in Run.objects.get(id=killed).reason_text
    assert {str(run): len(evidence[str(run)]) for run in others} == dict.fromkeys(
        map(str, others), 1
    )
    assert overlaps(evidence) == []
    assert set(Attempt.objects.values_list("run_id", flat=True)) == {loop, killed}


def test_a_process_that_has_grown_too_large_is_replaced_after_its_task(
    broker: RedisServer, beats: Beats, tmp_path: Path
) -> None:
    sizes = [0, 200 * MIB, 0]
    with Workers(broker.url, tmp_path) as workers:
        workers.ready("--concurrency", "1", "--max-memory-per-child", str(200 * 1024))
        processes = []
        for size in sizes:
            [run_id] = add_runs([size], task="tests.grow")
            wait_until_all_end()
            run = Run.objects.get(id=run_id)
            assert (run.state, run.attempt) == (State.SUCCEEDED, 1)
            processes.append(run.result)
    small, large, after = processes
    assert small == large
    assert after != large
