"""The command runner: off by default, bounded, and nothing of a command outlives its run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import AnonymousUser, User
from pytest_django import Settings

from jobs.commands import executing as executing_commands
from jobs.commands.executing import Order, execute
from jobs.commands.tasks import CommandFailedError, CommandsDisabledError, run
from jobs.runs.rehearsal import Rehearsal
from jobs.runs.task_permissions import permission_of, tasks_refused_to, why_not_scheduled_by
from jobs.runs.worker.output.execution import current_execution
from tests.integration.executing import executing, log_of
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def enabled(settings: Settings) -> None:
    """Switch commands on."""
    settings.COMMANDS_ENABLED = True


def is_alive(pid: int) -> bool:
    """Return whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except OSError:
        return False


def pid_in(path: Path) -> int:
    """Return the number that a command has written into a file, once it is there."""
    wait_until(lambda: path.exists() and path.read_text().strip(), "the command to begin")
    return int(path.read_text())


def test_without_the_setting_no_command_is_run() -> None:
    with pytest.raises(CommandsDisabledError, match="COMMANDS_ENABLED=1"):
        run("true")


@pytest.mark.usefixtures("enabled")
def test_what_a_command_prints_is_the_log_of_its_run() -> None:
    with executing() as its_run:
        assert run("echo out; echo err >&2; printf 'h\\303\\266he'") == "It ended with exit code 0."
    assert log_of(its_run) == "out\nerr\nhöhe"


@pytest.mark.usefixtures("enabled")
def test_an_exit_code_other_than_0_is_a_failure() -> None:
    with pytest.raises(CommandFailedError, match="exit code 3"):
        run("exit 3")
    with pytest.raises(CommandFailedError, match="exit code 137"):
        run("kill -9 $$")
    with pytest.raises(CommandFailedError, match="exit code 126"):
        run("true", shell="/no/shell")


@pytest.mark.usefixtures("enabled")
def test_a_command_gets_its_input_its_folder_and_its_variables(tmp_path: Path) -> None:
    with executing() as its_run:
        run("cat; pwd; echo $WHAT", input="in\n", environment={"WHAT": "x"}, folder=str(tmp_path))
    assert log_of(its_run) == f"in\n{tmp_path}\nx\n"


@pytest.mark.usefixtures("enabled")
def test_a_command_sees_none_of_the_workers_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    with executing() as its_run:
        run("env; tr '\\0' '\\n' < /proc/$PPID/environ")
    assert "PUNCTUAL_DUE_AT=" in log_of(its_run)
    assert "hush" not in log_of(its_run)


@pytest.mark.usefixtures("enabled")
def test_what_a_command_leaves_in_the_background_ends_with_it(tmp_path: Path) -> None:
    run(f"sleep 600 > /dev/null & echo $! > {tmp_path}/pid")
    pid = pid_in(tmp_path / "pid")
    wait_until(lambda: not is_alive(pid), "what was left behind to end")


@pytest.mark.usefixtures("enabled")
def test_a_rehearsal_runs_no_command(tmp_path: Path) -> None:
    with executing() as its_run:
        execution = current_execution()
        assert execution is not None
        execution.rehearsal = Rehearsal("ada@example.org")
        assert run(f"touch {tmp_path}/done") == "Nothing was run."
    assert not (tmp_path / "done").exists()
    assert "would run: touch" in log_of(its_run)


class Asked(Exception):  # noqa: N818 -- stands for a cancellation
    """Somebody asked for the end."""


@pytest.mark.parametrize("reason", [Asked, SoftTimeLimitExceeded])
def test_a_command_whose_run_is_ended_ends_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
) -> None:
    monkeypatch.setattr(executing_commands, "LOOK_EVERY_SECONDS", 0.05)
    command = f"sleep 600 & echo $! > {tmp_path}/pid; trap '' TERM; sleep 600"

    def look() -> None:
        if (tmp_path / "pid").exists():
            raise reason

    with pytest.raises(reason):
        variables = {"PATH": "/usr/bin:/bin"}
        execute(Order(command, "/bin/sh", "/", variables, grace_seconds=0.1), print, look)
    pid = pid_in(tmp_path / "pid")
    wait_until(lambda: not is_alive(pid), "the child of the command to end")


def test_a_command_ends_when_its_worker_is_killed(tmp_path: Path) -> None:
    command = f"echo $$ > {tmp_path}/pid; sleep 600"
    code = (
        "from jobs.commands.executing import *\n"
        f"execute(Order({command!r}, '/bin/sh', '/', {{}}), print, lambda: None)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    pid = pid_in(tmp_path / "pid")
    worker.kill()
    worker.wait()
    try:
        wait_until(lambda: not is_alive(pid), "the command to end")
    finally:
        if is_alive(pid):
            os.killpg(pid, signal.SIGKILL)


def test_a_daemon_that_keeps_the_output_open_does_not_hold_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executing_commands, "LOOK_EVERY_SECONDS", 0.05)
    command = f"setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 600' & sleep 0.2"
    order = Order(command, "/bin/sh", "/", {"PATH": "/usr/bin:/bin"})
    assert execute(order, print, lambda: None) == 0
    os.kill(pid_in(tmp_path / "pid"), signal.SIGKILL)


def test_scheduling_a_command_needs_a_permission_of_its_own() -> None:
    admin = User.objects.create_superuser("admin")
    assert permission_of("commands.run") == "commands.use_command_runner"
    assert why_not_scheduled_by(admin, "commands.run") == ""
    assert "commands.use_command_runner" in why_not_scheduled_by(AnonymousUser(), "commands.run")
    assert tasks_refused_to(User.objects.create_user("editor")) == ["commands.run"]
    assert permission_of("reports.make") == ""
