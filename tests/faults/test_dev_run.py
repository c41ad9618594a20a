"""`manage.py dev` as a person runs it: real processes, real signals, and nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from scheduler_site.development.ports import free_port, listen
from scheduler_site.environment import VARIABLES
from tests.databases import put_migrated_file
from tests.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parent.parent.parent
READY = re.compile(r"^Punctual is ready: (http://\S+)  user=(\S+)  password=(\S+)$", re.MULTILINE)
START_SECONDS = 120


class Dev:
    """One run of the command, whose lines go to a file."""

    def __init__(self, folder: Path, number: int, **variables: str) -> None:
        self.port = free_port()
        self._log = folder / f"dev-{number}.log"
        environment = {
            name: value
            for name, value in os.environ.items()
            if name.removesuffix("_FILE") not in {variable.name for variable in VARIABLES}
        }
        self.var_folder = folder / "var"
        environment |= {"DEBUG": "1", "VAR_DIR": str(self.var_folder), "PORT": str(self.port)}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "dev"],
                cwd=REPOSITORY,
                env=environment | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def lines(self) -> str:
        """All that it printed so far."""
        return self._log.read_text()

    def wait_until_ready(self) -> re.Match[str]:
        """Return the ready line."""
        wait_until(
            lambda: READY.search(self.lines) or self.process.poll() is not None,
            "the ready line",
            START_SECONDS,
        )
        ready = READY.search(self.lines)
        assert ready, self.lines
        return ready

    def wait_for_end(self) -> int:
        """Return the exit code."""
        return self.process.wait(START_SECONDS)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Dev]]:
    """Return a function that starts the command; what it started is gone after the test."""
    started: list[Dev] = []

    def begin(**variables: str) -> Dev:
        started.append(Dev(tmp_path, len(started), **variables))
        return started[-1]

    yield begin
    for dev in started:
        family = family_of(dev.process.pid)
        dev.process.kill()  # the guard ends the others
        dev.process.wait()
        wait_until(partial(all_are_gone, family), "the end of all processes", 60)


@pytest.fixture
def migrated(django_db_setup: None, tmp_path: Path) -> None:
    """Let the start find a database that is up to date: another test begins with none."""
    (tmp_path / "var").mkdir()
    put_migrated_file(tmp_path / "var" / "punctual.sqlite3")


def family_of(pid: int) -> list[int]:
    """Return the ids of all processes below `pid`."""
    table = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if path.exists()]
    rows = [(int(line.split()[0]), int(line.rpartition(")")[2].split()[1])) for line in table]
    children = [child for child, parent in rows if parent == pid]
    return [*children, *(below for child in children for below in family_of(child))]


def all_are_gone(pids: list[int]) -> bool:
    """Return whether none of the processes runs."""
    return not any(map(lives, pids))


def lives(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def process_of(dev: Dev, words: str) -> int:
    """Return the id of the one child whose command line holds `words`."""
    table = Path(f"/proc/{dev.process.pid}/task/{dev.process.pid}/children").read_text()
    (found,) = [
        int(pid)
        for pid in table.split()
        if words in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    ]
    return found


def status_of(address: str) -> int:
    """Return the HTTP status of a page."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return int(answer.status)


def test_from_the_first_start_over_a_dead_worker_to_ctrl_c_and_a_second_start(
    start: Callable[..., Dev],
) -> None:
    dev = start()
    address, user, password = dev.wait_until_ready().groups()
    assert (address, user) == (f"http://127.0.0.1:{dev.port}/", "admin")
    assert status_of(f"{address}healthz") == 200
    assert status_of(f"{address}development/mail/") == 200

    second = start()
    assert second.wait_for_end() == 1
    assert f"already running from {dev.var_folder} (process {dev.process.pid})" in second.lines

    os.kill(process_of(dev, "celery -A scheduler_site worker"), signal.SIGKILL)
    wait_until(lambda: "worker was started again" in dev.lines, "a new worker")

    family = family_of(dev.process.pid)
    dev.process.send_signal(signal.SIGINT)
    assert dev.wait_for_end() == 0
    stops = re.findall(r"Stopping (\w+)\.", dev.lines)
    assert stops == ["beat", "web", "worker", "redis"]
    assert dev.lines.count("Punctual is ready") == 1
    assert "Traceback" not in dev.lines
    assert all_are_gone(family)

    third = start()
    assert third.wait_until_ready().group(3) == password
    third.process.send_signal(signal.SIGTERM)
    assert third.wait_for_end() == 0


def test_no_process_outlives_a_killed_supervisor(migrated: None, start: Callable[..., Dev]) -> None:
    dev = start()
    dev.wait_until_ready()
    family = family_of(dev.process.pid)
    assert len(family) >= 8  # guard, Redis, web and its two, worker and its two, beat
    dev.process.kill()
    dev.process.wait()
    wait_until(partial(all_are_gone, family), "the end of all processes", 60)


def test_ctrl_c_during_the_start_ends_it_in_order(start: Callable[..., Dev]) -> None:
    dev = start()
    wait_until(lambda: "Redis answers on port" in dev.lines, "Redis", START_SECONDS)
    family = family_of(dev.process.pid)
    dev.process.send_signal(signal.SIGINT)
    assert dev.wait_for_end() == 0
    assert "Traceback" not in dev.lines
    assert all_are_gone(family)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"PORT": "eight"}, "PORT: 'eight' is not valid"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, "Check DATABASE_URL"),
        ({"DATABASE_URL": "mysql://nobody@127.0.0.1/none"}, "DATABASE_URL"),
        ({"REDIS_URL": "redis://127.0.0.1:9/0"}, "REDIS_URL: the Redis at redis://127.0.0.1:9/0"),
        ({"VAR_DIR": "/proc/punctual"}, "/proc/punctual"),
        ({"DEBUG": "0", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "a"}, "for development only"),
    ],
    ids=["port", "database away", "database unknown", "redis away", "folder", "production"],
)
def test_what_is_wrong_is_said_in_one_sentence(
    start: Callable[..., Dev], variables: dict[str, str], says: str
) -> None:
    dev = start(**variables)
    assert dev.wait_for_end() == 1
    assert says in dev.lines
    assert dev.lines.count("Punctual cannot start: ") == 1
    assert "Traceback" not in dev.lines


def test_a_port_in_use_is_said_and_nothing_is_started(start: Callable[..., Dev]) -> None:
    with listen(free_port()) as taken:
        port = taken.getsockname()[1]
        dev = start(PORT=str(port))
        assert dev.wait_for_end() == 1
    assert f"Port {port} is in use." in dev.lines
    assert "Redis answers" not in dev.lines
