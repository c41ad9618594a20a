"""The systemd units say what they must, and nothing that systemd does not know."""

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from scheduler_site.environment import VARIABLES, read_environment
from tests.deploy_files import (
    DEPLOY,
    INSTALLED_IN,
    ROOT,
    read_unit,
    unit_command,
    unit_texts,
    worker_names,
    worker_variables,
)

SERVICES = ("punctual-web.service", "punctual-beat.service", "punctual-worker@.service")
REQUIRED = {
    "User": "punctual",
    "EnvironmentFile": "/etc/punctual/punctual.env",
    "Restart": "always",
    "KillMode": "mixed",
    "KillSignal": "SIGTERM",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
}
KNOWN_KEYS = {
    "Unit": {"Description", "PartOf", "After", "Wants", "StartLimitIntervalSec"},
    "Install": {"WantedBy"},
    "Service": set(REQUIRED)
    | {"Type", "NotifyAccess", "Group", "WorkingDirectory", "StateDirectory"}
    | {"StateDirectoryMode", "ExecStartPre", "ExecStart", "ExecReload", "TimeoutStartSec"}
    | {"RestartSec", "TimeoutStopSec", "ProtectProc", "ProtectClock", "ProtectHostname"}
    | {"ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules", "PrivateDevices"}
    | {"ProtectKernelTunables", "RestrictAddressFamilies", "RestrictNamespaces"}
    | {
        "Environment",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "LockPersonality",
        "SystemCallArchitectures",
    }
    | {"SystemCallFilter", "SystemCallErrorNumber", "UMask"},
}


def complaints_about(text: str) -> list[str]:
    """Return what is wrong with the text of a service unit."""
    unit = read_unit(text)
    found = [
        f"[{section}] {key} is unknown"
        for section, keys in unit.items()
        for key in keys
        if key not in KNOWN_KEYS.get(section, set())
    ]
    service = unit.get("Service", {})
    found += [
        f"{key} is not {value!r}"
        for key, value in REQUIRED.items()
        if service.get(key, [])[:1] != [value]
    ]
    found += [f"{key} is missing" for key in ("RestartSec", "TimeoutStopSec") if key not in service]
    if unit.get("Unit", {}).get("StartLimitIntervalSec") != ["0"]:
        found.append("systemd gives up after a few failed starts")
    return found + programs_missing(service.get("ExecStart", []))


def programs_missing(commands: list[str]) -> list[str]:
    """Return a complaint for each command whose program our virtual environment does not hold."""
    names = [command.split()[0] for command in commands]
    programs = Path(sys.executable).parent
    found = [
        f"{name} is not installed by requirements.txt"
        for name in names
        if not name.startswith(f"{INSTALLED_IN}.venv/bin/")
        or not (programs / Path(name).name).exists()
    ]
    return found or ([] if names else ["there is no ExecStart"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_unit_says_what_it_must(name: str) -> None:
    assert complaints_about(unit_texts()[name]) == []


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("Restart=always", "Restart=on-failure", "Restart is not 'always'"),
        ("Restart=always", "Restrat=always", "Restrat is unknown"),
        ("KillMode=mixed", "KillMode=process", "KillMode is not"),
        ("User=punctual", "User=root", "User is not"),
        ("RestartSec=5", "", "RestartSec is missing"),
        ("StartLimitIntervalSec=0", "", "gives up"),
        ("bin/celery", "bin/selery", "selery is not installed"),
        ("ExecStart=", "#", "no ExecStart"),
    ],
)
def test_a_mistake_in_a_unit_is_noticed(right: str, wrong: str, complaint: str) -> None:
    text = unit_texts()["punctual-beat.service"]
    assert right in text
    assert any(complaint in found for found in complaints_about(text.replace(right, wrong)))


def test_all_units_are_equally_hardened() -> None:
    hardening = {
        text[text.index("\nNoNewPrivileges=") :]
        for name, text in unit_texts().items()
        if name in SERVICES
    }
    assert len(hardening) == 1


def test_only_the_web_unit_migrates() -> None:
    migrating = [name for name, text in unit_texts().items() if "ExecStartPre" in text]
    assert migrating == ["punctual-web.service"]
    assert unit_command("punctual-web.service", "ExecStartPre")[-3:] == [
        "manage.py",
        "migrate",
        "--noinput",
    ]


def test_beat_and_workers_start_after_the_migration() -> None:
    for name in SERVICES[1:]:
        after = read_unit(unit_texts()[name])["Unit"]["After"][0].split()
        assert "punctual-web.service" in after, name


def test_the_target_takes_all_services_along() -> None:
    assert set(unit_texts()) == {*SERVICES, "punctual.target"}
    for name in SERVICES:
        unit = read_unit(unit_texts()[name])
        assert unit["Unit"]["PartOf"] == ["punctual.target"], name
        assert unit["Install"]["WantedBy"] == ["punctual.target"], name


def test_workers_have_time_to_finish_and_web_waits_longer_than_its_requests() -> None:
    worker = read_unit(unit_texts()["punctual-worker@.service"])["Service"]
    assert worker["TimeoutStopSec"] == ["2min"]
    # And some more, to hand back what still runs then.
    assert read_environment({})["WORKER_GRACE_SECONDS"] + 30 <= 120
    web = read_unit(unit_texts()["punctual-web.service"])["Service"]
    grace = re.search(r"--graceful-timeout (\d+)", web["ExecStart"][0])
    assert grace is not None
    assert int(grace[1]) < int(web["TimeoutStopSec"][0])


def test_two_workers_of_one_host_have_names_of_their_own() -> None:
    command = unit_command("punctual-worker@.service")
    assert command[command.index("-n") + 1] == "worker-%i@%h"


def test_the_prepared_workers_take_from_every_queue_and_so_does_one_without_a_file() -> None:
    unit = read_unit(unit_texts()["punctual-worker@.service"])["Service"]
    assert unit["EnvironmentFile"][1] == "-/etc/punctual/workers/%i.env"
    without_file = f"WORKER_QUEUES={','.join(settings.QUEUES)} WORKER_CONCURRENCY=2"
    assert unit["Environment"] == [without_file]
    queues = [worker_variables(name)["WORKER_QUEUES"].split(",") for name in worker_names()]
    assert sorted(itertools.chain(*queues)) == sorted(settings.QUEUES)
    used = {part for part in unit_command("punctual-worker@.service") if part.startswith("$")}
    assert used == {"${WORKER_QUEUES}", "${WORKER_CONCURRENCY}"}


def test_the_variables_of_a_worker_are_none_of_the_settings() -> None:
    own = {name for worker in worker_names() for name in worker_variables(worker)}
    assert own & {variable.name for variable in VARIABLES} == set()


def verified_by_systemd(folder: Path) -> str:
    """Return what systemd-analyze complains about; empty also where this system lacks it."""
    program = shutil.which("systemd-analyze")
    if program is None:
        return ""
    units = sorted(folder.iterdir())
    ended = subprocess.run(
        [program, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    return ended.stderr if ended.returncode else ""


def test_systemd_itself_accepts_the_units(tmp_path: Path) -> None:
    programs = Path(sys.executable).parent
    for name, text in unit_texts().items():
        here = text.replace(f"{INSTALLED_IN}.venv/bin", str(programs))
        here = here.replace(INSTALLED_IN.rstrip("/"), str(ROOT))
        (tmp_path / name).write_text(here)
    assert verified_by_systemd(tmp_path) == ""


def test_manage_runs_with_the_user_and_the_environment_of_the_services() -> None:
    script = DEPLOY / "systemd" / "punctual-manage"
    assert script.stat().st_mode & 0o111
    text = script.read_text()
    service = read_unit(unit_texts()["punctual-web.service"])["Service"]
    assert f"--uid={service['User'][0]}" in text
    for key in ("EnvironmentFile", "WorkingDirectory", "StateDirectory", "UMask"):
        assert f"--property={key}={service[key][0]}" in text
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
