"""The commands of the units and containers, started as they stand there, in production mode.

On PostgreSQL alone, which production uses; what they do there is tested on both elsewhere.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler_site.development.ports import free_port
from scheduler_site.development.redis_server import RedisServer
from tests.deploy_files import (
    DEPLOY,
    ROOT,
    health_command,
    image_command,
    read_compose,
    unit_command,
)
from tests.servers.celery_processes import process_environment
from tests.waiting import wait_until

PROGRAMS = Path(sys.executable).parent
SERVICES = read_compose((DEPLOY / "compose.yaml").read_text())["services"]
STOP_TIMEOUT_SECONDS = 30

Start = Callable[..., subprocess.Popen[bytes]]

pytestmark = pytest.mark.one_database("postgresql")


@pytest.fixture
def production(broker: RedisServer, transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a production host that uses the test's database and broker."""
    return process_environment(
        broker.url,
        CELERY_SKIP_CHECKS="",
        DEBUG="0",
        SECRET_KEY="production is what this key of fifty letters is for",
        ALLOWED_HOSTS="punctual.example,other.example",
        SITE_URL="https://punctual.example",
        BEHIND_TLS_PROXY="1",
        VAR_DIR=str(tmp_path),
        HOSTNAME=socket.gethostname(),
        PATH=f"{PROGRAMS}:{os.environ['PATH']}",
    )


@pytest.fixture
def start(production: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Yield a starter of commands in the background; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(command: list[str], **variables: str) -> subprocess.Popen[bytes]:
        program = PROGRAMS / Path(command[0]).name
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [program, *command[1:]],
                cwd=ROOT,
                env={**production, **variables},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as a health check does."""
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def becomes_ready(process: subprocess.Popen[bytes], log: Path, words: str) -> None:
    """Return when the log holds `words`; fail with the log when the process ends before."""

    def has_said_so() -> bool:
        text = log.read_text()
        if process.poll() is not None:
            pytest.fail(f"it ended with {process.returncode}: {text}")
        return words in text

    wait_until(has_said_so, f"{words!r}")


def ends_well(process: subprocess.Popen[bytes]) -> bool:
    """Stop a process as systemd does with KillMode=mixed, and return whether it left with 0."""
    process.send_signal(signal.SIGTERM)
    return process.wait(STOP_TIMEOUT_SECONDS) == 0


def on_port(command: list[str], port: int) -> list[str]:
    """Return the command of web with another port, and nothing else changed."""
    position = command.index("--bind") + 1
    address = command[position].rpartition(":")[0]
    return [*command[:position], f"{address}:{port}", *command[position + 1 :]]


@pytest.mark.parametrize(
    "command",
    [
        unit_command("punctual-web.service"),
        image_command((DEPLOY / "Dockerfile").read_text()),
    ],
    ids=["unit", "image"],
)
def test_web_answers_its_health_check_and_ends_when_asked(
    command: list[str], start: Start, production: dict[str, str]
) -> None:
    port = free_port()
    check = health_command(SERVICES["web"])
    environment = {**production, "HEALTH_PORT": str(port)}
    nobody = run(check, environment)
    assert nobody.returncode == 1
    assert "not healthy" in nobody.stderr
    web = start(on_port(command, port))
    wait_until(lambda: run(check, environment).returncode == 0, "web to be healthy")
    stranger = run(check, {**environment, "ALLOWED_HOSTS": "evil.example"})
    assert stranger.returncode == 1
    assert ends_well(web)


def test_web_without_its_database_is_not_healthy(start: Start, production: dict[str, str]) -> None:
    port = free_port()
    nowhere = "postgresql://punctual@127.0.0.1:9/punctual"
    start(on_port(unit_command("punctual-web.service"), port), DATABASE_URL=nowhere)
    check = health_command(SERVICES["web"])

    def says_so() -> bool:
        return "503" in run(check, {**production, "HEALTH_PORT": str(port)}).stderr

    wait_until(says_so, "the health check to tell")


def test_a_worker_answers_its_health_check_and_ends_when_asked(
    start: Start, production: dict[str, str], tmp_path: Path
) -> None:
    worker = start(SERVICES["worker-default"]["command"])
    becomes_ready(worker, tmp_path / "log", "ready.")
    answer = run(health_command(SERVICES["worker-default"]), production)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert ends_well(worker)


def test_beat_answers_its_health_check_and_ends_when_asked(
    start: Start, production: dict[str, str], tmp_path: Path
) -> None:
    check = health_command(SERVICES["beat"])
    assert run(check, production).returncode != 0
    beat = start(unit_command("punctual-beat.service"))
    becomes_ready(beat, tmp_path / "log", "beat: Starting...")
    wait_until(lambda: run(check, production).returncode == 0, "beat to answer")
    assert ends_well(beat)


def test_the_migration_of_unit_and_container_starts(production: dict[str, str]) -> None:
    for command in (
        unit_command("punctual-web.service", "ExecStartPre"),
        SERVICES["migrate"]["command"],
    ):
        ended = run([str(PROGRAMS / Path(command[0]).name), *command[1:]], production)
        assert ended.returncode == 0, ended.stderr


def test_the_image_can_collect_its_static_files(production: dict[str, str]) -> None:
    command = ["python", "manage.py", "collectstatic", "--noinput", "--dry-run"]
    ended = run([str(PROGRAMS / command[0]), *command[1:]], production)
    assert ended.returncode == 0, ended.stderr
    assert "static files" in ended.stdout
