"""Children that a worker forks while its threads write: their database works as anybody's."""

import subprocess
import sys
from pathlib import Path

import pytest

from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.integration import seam_tasks
from tests.integration.seam_worker import seam_worker, wait_for_end
from tests.servers.celery_processes import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

FORK_DURING_WORK = """
import os, sys, threading, time
import django
django.setup()
from jobs.runs.worker.database.forking import database_work

begun, done = threading.Event(), []
def work():
    with database_work():
        begun.set()
        time.sleep(0.3)
        done.append("the work")
threading.Thread(target=work).start()
begun.wait()
child = os.fork()
if child == 0:
    os._exit(0 if done else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_no_child_is_forked_in_the_midst_of_a_threads_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    command = [sys.executable, "-c", FORK_DURING_WORK]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == 0


def test_children_that_are_forked_while_the_heart_beats_lock_what_they_read(
    broker: RedisServer, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with seam_worker(broker.url, log, "--max-tasks-per-child", "1", WORKER_LEASE_SECONDS="2"):
        runs = wait_for_end(*(seam_tasks.has_locks.delay() for _ in range(8)))
    assert [(run.state, run.attempt, run.result) for run in runs] == [
        (State.SUCCEEDED, 1, True)
    ] * 8
