"""The supervisor with real processes, small ones."""

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.guard import Guard
from scheduler_site.development.only_one import only_one
from scheduler_site.development.output import Output
from scheduler_site.development.ports import free_port, listen
from scheduler_site.development.processes import Process
from scheduler_site.development.services import Service, Worker
from scheduler_site.development.supervisor import Supervisor
from tests.waiting import wait_until

# Says that it is ready, and ends when asked to only after the file `finished` appears.
BUSY = """
import pathlib, signal, sys, time
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
print("ready", flush=True)
while not (asked and pathlib.Path("finished").exists()):
    time.sleep(0.02)
print("done", flush=True)
"""
FAMILY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
child.wait()
"""


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def output(lines: io.StringIO) -> Output:
    return Output(lines, colours=False)


@pytest.fixture
def supervisor(output: Output) -> Iterator[Supervisor]:
    guard = Guard()
    yield Supervisor(output, guard)
    guard.stop()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def lives(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def said(lines: io.StringIO, text: str) -> Callable[[], bool]:
    return lambda: text in lines.getvalue()


def test_a_process_that_dies_is_started_again_and_said_so(
    tmp_path: Path, output: Output, lines: io.StringIO, supervisor: Supervisor
) -> None:
    process = Service("web", python("import time; time.sleep(600)"), tmp_path, output)
    supervisor.start(process)
    first = process.pid
    os.kill(first, signal.SIGKILL)

    def started_again() -> bool:
        supervisor.look()
        return process.is_running() and process.pid != first

    wait_until(started_again, "the second start")
    assert "web was killed by SIGKILL. It is started again in 0.5 seconds." in lines.getvalue()
    assert f"web was started again (process {process.pid})." in lines.getvalue()
    supervisor.stop(process)
    assert not process.is_running()


def test_a_process_that_keeps_dying_is_started_less_and_less_often(
    tmp_path: Path, output: Output, lines: io.StringIO, supervisor: Supervisor
) -> None:
    process = Service("beat", python("raise SystemExit(3)"), tmp_path, output)
    supervisor.start(process)

    def waits_a_second() -> bool:
        supervisor.look()
        return "beat ended with exit code 3. It is started again in 1 seconds." in lines.getvalue()

    wait_until(waits_a_second, "the second, longer pause")
    supervisor.stop(process)


def test_what_a_dead_process_leaves_behind_is_ended_before_it_is_started_again(
    tmp_path: Path, output: Output, lines: io.StringIO, supervisor: Supervisor
) -> None:
    process = Service("worker", python(FAMILY), tmp_path, output)
    supervisor.start(process)
    wait_until(said(lines, "child"), "the child's id")
    child = int(lines.getvalue().split()[-1])
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.is_running(), "the parent's death")
    assert lives(child)
    supervisor.look()
    wait_until(lambda: not lives(child), "the child's end")
    supervisor.stop(process)


def test_the_worker_may_finish_what_runs(
    tmp_path: Path, output: Output, lines: io.StringIO, supervisor: Supervisor
) -> None:
    worker = Worker(python(BUSY), tmp_path, output, hurry=lambda: False)
    supervisor.start(worker)
    wait_until(said(lines, "ready"), "the worker")
    (tmp_path / "finished").touch()
    supervisor.stop(worker)
    assert "worker | done" in lines.getvalue()


def test_in_a_hurry_the_worker_is_ended_without_finishing(
    tmp_path: Path, output: Output, lines: io.StringIO, supervisor: Supervisor
) -> None:
    worker = Worker(python(BUSY), tmp_path, output, hurry=lambda: True)
    supervisor.start(worker)
    wait_until(said(lines, "ready"), "the worker")
    supervisor.stop(worker)
    assert not worker.is_running()
    assert "done" not in lines.getvalue()


def test_the_guard_ends_what_is_watched_when_the_supervisor_is_gone(
    tmp_path: Path, output: Output, lines: io.StringIO
) -> None:
    guard = Guard()
    process = Process("worker", python(FAMILY), tmp_path, output)
    process.start()
    guard.watch(process.pid)
    wait_until(said(lines, "child"), "the child's id")
    child = int(lines.getvalue().split()[-1])
    # Closes the pipe, as the death of this process would; meanwhile this one has to reap.
    stopping = threading.Thread(target=guard.stop)
    stopping.start()
    wait_until(lambda: not process.is_running() and not lives(child), "both ends")
    stopping.join()


def test_the_guard_leaves_alone_what_it_was_told_to_forget(tmp_path: Path, output: Output) -> None:
    guard = Guard()
    process = Process("web", python("import time; time.sleep(600)"), tmp_path, output)
    process.start()
    guard.watch(process.pid)
    guard.forget(process.pid)
    guard.stop()
    assert process.is_running()
    process.sweep()


def test_only_one_run_holds_a_folder(tmp_path: Path) -> None:
    refused = pytest.raises(DevelopmentError, match=f"already running .*{os.getpid()}")
    with only_one(tmp_path), refused, only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_port_in_use_is_refused_with_another_one_to_try() -> None:
    with listen(free_port()) as taken:
        port = taken.getsockname()[1]
        other = port + 1 if port < 65_535 else port - 1
        with pytest.raises(DevelopmentError, match=f"Port {port} is in use.*PORT={other} make run"):
            listen(port)
