"""Commands at a real worker: what they print is kept, and a killed task takes its command along."""

from pathlib import Path

import pytest

from jobs.commands.tasks import run
from jobs.runs.current import id_of_run
from jobs.runs.models import Run, RunLog
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import celery_worker
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def is_gone(pid: str) -> bool:
    """Return whether the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2][1] == "Z"
    except OSError:
        return True


def test_a_command_is_run_and_ends_with_its_task(broker: RedisServer, tmp_path: Path) -> None:
    with celery_worker(broker.url, tmp_path / "worker.log", COMMANDS_ENABLED="1"):
        said = id_of_run(run.delay("echo said; exit 3").id)
        command = f"sleep 600 & echo $! $$ > {tmp_path}/pids; sleep 600"
        # Shorter than the task needs: its process is killed, without a word to it.
        killed = id_of_run(run.apply_async([command], time_limit=3).id)
        wait_until(lambda: Run.objects.filter(state=State.FAILED).count() == 2, "both runs to fail")
        pids = (tmp_path / "pids").read_text(encoding="ascii").split()
        wait_until(lambda: all(map(is_gone, pids)), "the command to end")
    assert RunLog.objects.get(run=said).text == "said\n"
    assert "exit code 3" in Run.objects.get(id=said).error
    assert Run.objects.get(id=killed).reason == "time_limit"
