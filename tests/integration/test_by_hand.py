"""What a Django or Celery user starts by hand works as they expect.

On SQLite alone, as by hand; `test_deploy_commands.py` starts the same on PostgreSQL.
"""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_site.development.ports import free_port
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import ROOT, celery_beat, celery_worker, process_environment
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database("sqlite")]


@pytest.fixture
def runserver(broker: RedisServer, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a running `manage.py runserver`."""
    address = f"127.0.0.1:{free_port()}"
    with (tmp_path / "runserver.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "runserver", "--noreload", address],
            env=process_environment(broker.url),
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: fetched(f"http://{address}/healthz"), "runserver to answer")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def fetched(address: str) -> bytes:
    """Return what the address answers, or nothing while nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.URLError:
        return b""


def test_runserver_serves_pages_and_their_style_sheet(runserver: str) -> None:
    assert b"Sign in" in fetched(f"{runserver}/")
    assert b"--accent" in fetched(f"{runserver}/static/scheduler_site/style.css")


def test_a_worker_lists_the_tasks_of_every_job_app(broker: RedisServer, tmp_path: Path) -> None:
    with celery_worker(broker.url, tmp_path / "worker.log", CELERY_SKIP_CHECKS="") as worker:
        worker.stop()
    said = worker.log.read_text()
    for task in ("reports.make", "digests.send", "cleanup.run", "feedback.thank"):
        assert f". {task}" in said
    assert worker.process.returncode == 0


def test_beat_starts_and_ends_when_asked(broker: RedisServer, tmp_path: Path) -> None:
    with celery_beat(broker.url, tmp_path / "beat.log", CELERY_SKIP_CHECKS="") as beat:
        beat.stop()
    assert beat.process.returncode == 0
