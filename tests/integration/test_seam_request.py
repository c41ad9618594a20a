"""What the worker's main process does itself when an execution ends that cannot say so."""

import signal
import subprocess
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from celery.exceptions import WorkerLostError
from kombu.message import Message

from jobs.runs.worker.database import aside
from jobs.runs.worker.seam import ending, unstarted
from jobs.runs.worker.seam.request import RecordedRequest
from scheduler_site.celery import app
from tests.integration import seam_tasks


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that stands for the child which executes the task."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def request_at(child: subprocess.Popen[bytes]) -> Any:
    """Return the request of a message that the child executes."""
    headers: dict[str, Any] = {"task": "seam.add", "id": str(uuid4()), "lang": "py", "retries": 0}
    message = Message(
        body="[[1, 2], {}, {}]",
        content_type="application/json",
        content_encoding="utf-8",
        headers=headers,
        properties={},
        delivery_info={},
        delivery_tag="1",
    )
    request = RecordedRequest(message, app=app, hostname="here", task=seam_tasks.add)
    request.worker_pid = child.pid
    return request


def test_a_process_is_over_before_the_ledger_hears_of_its_time_limit(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[int] = []
    monkeypatch.setattr(aside, "write", lambda *_: ends.append(child.wait(10)))
    request_at(child).on_timeout(soft=False, timeout=1)
    assert ends == [-signal.SIGKILL]


def test_a_soft_time_limit_is_the_childs_own_affair(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(aside, "write", lambda *arguments: written.append(arguments))
    request_at(child).on_timeout(soft=True, timeout=1)
    assert (written, child.poll()) == ([], None)


def test_an_execution_that_celery_takes_from_its_process_is_handed_back(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(aside, "write", lambda *arguments: written.append(arguments))
    request_at(child)._announce_cancelled()
    [(change, task, _context)] = written
    assert (change, task.name) == (ending.handed_back, "seam.add")


def failed(request: Any, raised: BaseException) -> None:
    """Tell the request that its execution ended with the error, as the pool does."""
    request.on_failure(SimpleNamespace(exception=raised, traceback=""), return_ok=True)


@pytest.mark.parametrize(
    "raised", [WorkerLostError("signal 9"), SystemExit(1), KeyboardInterrupt()], ids=repr
)
def test_a_process_that_died_is_a_loss(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, raised: BaseException
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(aside, "write", lambda *arguments: written.append(arguments[0]))
    failed(request_at(child), raised)
    assert written == [unstarted.lost]


@pytest.mark.parametrize("before", ["_already_revoked", "_already_cancelled"])
def test_a_process_that_this_worker_has_ended_itself_is_no_loss(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(aside, "write", lambda *arguments: written.append(arguments[0]))
    request = request_at(child)
    setattr(request, before, True)
    failed(request, WorkerLostError("signal 15"))
    assert written == []
