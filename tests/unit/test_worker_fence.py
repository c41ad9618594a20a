"""The fence and the grace of a worker, by the seconds since the machine was started."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from jobs.runs.worker.liveness.fence import EXIT_CODE, FENCE_AT, Fence
from jobs.runs.worker.liveness.shutdown import Shutdown
from jobs.runs.worker.liveness.signs import Signs, seconds_now

REPOSITORY = Path(__file__).parents[2]
GUARDED = """
import os, time
from jobs.runs.worker.liveness.fence import Fence, guard
from jobs.runs.worker.liveness.signs import Signs, seconds_now
signs = Signs()
{before}
child = os.fork()
if child == 0:
    guard(Fence(signs, 1.0), lambda: {at_work})
    time.sleep(3)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def exit_code_of_child(before: str, at_work: bool) -> int:
    """Return with which code a guarded child ended, three seconds later at the latest."""
    program = GUARDED.format(before=before, at_work=at_work)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "scheduler_site.settings"},
    )
    return int(ended.stdout.split()[-1])


def test_a_child_ends_when_its_worker_gives_no_sign() -> None:
    assert exit_code_of_child("signs.heart_beat(seconds_now())", at_work=True) == EXIT_CODE


def test_a_child_that_is_not_at_work_waits() -> None:
    assert exit_code_of_child("signs.heart_beat(seconds_now())", at_work=False) == 0


def test_a_child_that_was_born_behind_a_closed_fence_waits() -> None:
    assert exit_code_of_child("", at_work=True) == 0


def test_the_fence_closes_before_the_lease_is_over() -> None:
    fence = Fence(Signs(), lease_seconds=1000)
    assert not fence.is_open()
    fence.signs.heart_beat(seconds_now() - 1000 * FENCE_AT + 100)
    assert fence.is_open()
    fence.signs.heart_beat(seconds_now() - 1000 * FENCE_AT - 100)
    assert not fence.is_open()
    # Time for a look of the guard and for the end of the process.
    assert 1000 * FENCE_AT + 2 * fence.look_seconds < 1000


def test_a_new_life_is_closed_until_its_first_heartbeat() -> None:
    fence, worker_id = Fence(Signs(), lease_seconds=1000), uuid4()
    fence.signs.heart_beat(seconds_now())
    fence.signs.begin(worker_id)
    assert not fence.is_open()
    assert fence.signs.worker_id == worker_id


def test_a_child_and_its_parent_see_the_same_signs() -> None:
    signs = Signs()
    child = os.fork()
    if child == 0:
        signs.heart_beat(7.0)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert signs.heartbeat_seconds == 7.0


@pytest.fixture
def executions() -> Any:
    return SimpleNamespace(are_processes=True, freeze=lambda: None, kill=lambda: None)


def test_no_grace_is_over_before_somebody_asks(executions: Any) -> None:
    shutdown = Shutdown(executions, grace_seconds=0)
    assert not shutdown.is_grace_over()
    assert shutdown.seconds_until_grace_is_over(5.0) == 5.0


def test_a_second_request_does_not_prolong_the_grace(executions: Any) -> None:
    shutdown = Shutdown(executions, grace_seconds=1000)
    shutdown.ask()
    asked_at = shutdown.asked_at
    shutdown.ask()
    assert shutdown.asked_at == asked_at
    assert 990 < shutdown.seconds_until_grace_is_over(5000.0) <= 1000
    assert not shutdown.is_grace_over()


def test_what_is_left_is_handed_back_once(executions: Any) -> None:
    shutdown = Shutdown(executions, grace_seconds=0)
    shutdown.ask()
    assert shutdown.is_grace_over()
    shutdown.hand_back(None)
    assert not shutdown.is_grace_over()
    assert shutdown.seconds_until_grace_is_over(5.0) == 5.0
