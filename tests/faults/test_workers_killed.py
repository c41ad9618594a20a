"""Workers killed with their whole process group, again and again, under load.

The suite kills three times; `FAULT_KILLS=20 FAULT_TASKS=200 FAULT_SECONDS=120` is the long run.
"""

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import Beats, wait_for_beats
from tests.faults.witness_tasks import executions, longest_wait_seconds, overlaps, repeated
from tests.faults.workers import (
    LEASE_SECONDS,
    Workers,
    add_runs,
    wait_until_all_end,
    wait_until_running,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = int(os.environ.get("FAULT_KILLS", "3"))
TASKS = int(os.environ.get("FAULT_TASKS", "30"))
SECONDS = float(os.environ.get("FAULT_SECONDS", "10"))
LONGEST_WAIT_SECONDS = LEASE_SECONDS + 10
LEASE = {"WORKER_LEASE_SECONDS": str(LEASE_SECONDS)}


def add_runs_over_time(seed: int) -> None:
    """Insert the runs so that they become due one after the other while workers are killed."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    began_at = timezone.now()
    for number in range(TASKS):
        publish_at = began_at + timedelta(seconds=number * SECONDS / TASKS)
        # By design of this test no run reaches its cap.
        add_runs([chance.uniform(0.2, 2.0)], publish_at=publish_at, max_losses=100)


def kill_one_after_the_other(workers: Workers) -> None:
    """Kill the oldest worker while it is at work, and start another, so often."""
    began_at = timezone.now()
    for number in range(KILLS):
        next_at = began_at + timedelta(seconds=(number + 0.5) * SECONDS / KILLS)
        wait_until(lambda at=next_at: timezone.now() >= at, "the next kill")  # type: ignore[misc]
        victim = workers.processes[0]
        victim.wait_for_log("ready.")
        wait_until_running(1)
        workers.kill(victim)
        workers.add()


def test_every_run_ends_and_none_is_at_work_twice(broker: RedisServer, tmp_path: Path) -> None:
    kill_workers_under_load(broker.url, tmp_path)


def kill_workers_under_load(redis_url: str, tmp_path: Path, **variables: str) -> None:
    """Do so and assert it; `variables` may name another broker, the evidence lies in Redis."""
    with (
        Workers(redis_url, tmp_path, **variables) as workers,
        Beats(1, redis_url, tmp_path, **LEASE, **variables) as beats,
    ):
        workers.ready()
        workers.ready()
        wait_for_beats(1)
        add_runs_over_time(seed=random.randrange(10**6))
        kill_one_after_the_other(workers)
        ends = wait_until_all_end()
        evidence = executions(redis_url)
        print(f"{sum(map(len, evidence.values()))} executions of {len(evidence)} runs")
        print(
            f"{Attempt.objects.count()} lost; longest wait {longest_wait_seconds(evidence):.1f} s"
        )
        assert ends == {State.SUCCEEDED: TASKS}
        assert len(evidence) == TASKS
        assert overlaps(evidence) == []
        assert longest_wait_seconds(evidence) < LONGEST_WAIT_SECONDS
        assert set(Attempt.objects.values_list("outcome", flat=True)) == {Outcome.LOST}
        assert "Traceback" not in beats.logs()


def test_a_run_that_loses_every_worker_ends_as_lost(broker: RedisServer, tmp_path: Path) -> None:
    with Workers(broker.url, tmp_path) as workers, Beats(1, broker.url, tmp_path, **LEASE):
        wait_for_beats(1)
        [run_id] = add_runs([60], max_losses=1)
        for attempt in (1, 2):
            victim = workers.ready()
            wait_until(
                lambda n=attempt: Run.objects.filter(state=State.RUNNING, attempt=n).exists(),  # type: ignore[misc]
                f"attempt {attempt} to run",
            )
            workers.kill(victim)
        assert wait_until_all_end() == {State.LOST: 1}
    run = Run.objects.get(id=run_id)
    assert (run.reason, run.losses, run.attempt) == ("worker_silent", 2, 2)
    assert "loss 2" in run.reason_text
    assert Attempt.objects.get().number == 1
    assert repeated(executions(broker.url)) == []
