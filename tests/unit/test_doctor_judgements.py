"""What doctor thinks of given facts: settings, clocks, memory, room."""

from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_site.doctor.broker import redis_py_address
from scheduler_site.doctor.configuration import Configuration, configuration_findings
from scheduler_site.doctor.database import clock_finding
from scheduler_site.doctor.findings import Level
from scheduler_site.doctor.redis_health import health_findings
from scheduler_site.doctor.static_files import static_findings
from scheduler_site.doctor.storage import MEBIBYTE, room_finding, storage_findings

GOOD = Configuration(
    debug=False,
    site_url="https://punctual.example",
    secret_key="abcdefghij" * 5,
    allowed_hosts=["punctual.example"],
    secure_cookies=True,
    default_from_email="Punctual <punctual@punctual.example>",
    alerts_to=["ops@punctual.example"],
)
SAFE_REDIS = {
    "redis_version": "8.0.1",
    "role": "master",
    "maxmemory_policy": "noeviction",
    "aof_enabled": 1,
    "used_memory": 10 * MEBIBYTE,
    "maxmemory": 100 * MEBIBYTE,
}


def test_good_settings_are_fit_for_production() -> None:
    assert [finding.level for finding in configuration_findings(GOOD)] == [Level.OK]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"debug": True}, "DEBUG is on"),
        ({"secret_key": "short"}, "SECRET_KEY has 5 characters"),
        ({"secret_key": "k" * 60}, "1 of them different"),
        ({"allowed_hosts": ["*"]}, "ALLOWED_HOSTS accepts every name"),
        ({"allowed_hosts": ["other.example"]}, "'punctual.example', which ALLOWED_HOSTS"),
        ({"site_url": "https://localhost", "allowed_hosts": ["localhost"]}, "this machine only"),
        ({"secure_cookies": False}, "cookies may travel without it"),
        ({"site_url": "http://punctual.example"}, "SITE_URL is not https"),
        ({"default_from_email": "Punctual <punctual@localhost>"}, "sends as punctual@localhost"),
        ({"alerts_to": []}, "ALERTS_TO is empty: nobody is told when beat is silent"),
    ],
)
def test_settings_unfit_for_production_are_one_warning_each(
    change: dict[str, object], words: str
) -> None:
    (found,) = configuration_findings(replace(GOOD, **change))  # type: ignore[arg-type]
    assert found.level == Level.WARNING
    assert words in found.sentence
    assert found.advice


def test_a_key_is_never_part_of_what_is_said() -> None:
    (found,) = configuration_findings(replace(GOOD, secret_key="short-secret"))
    assert "short-secret" not in found.line


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [
        (1.5, Level.OK, "agree"),
        (-2.0, Level.OK, "agree"),
        (90.25, Level.WARNING, "90.2 seconds ahead of"),
        (-3.0, Level.WARNING, "3.0 seconds behind"),
    ],
)
def test_clocks_may_differ_by_two_seconds(seconds: float, level: Level, words: str) -> None:
    found = clock_finding(seconds)
    assert found.level == level
    assert words in found.sentence


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        ({}, Level.OK, "10% of its limit of 100 MiB"),
        ({"used_memory": 75 * MEBIBYTE}, Level.WARNING, "75%"),
        ({"used_memory": 90 * MEBIBYTE}, Level.PROBLEM, "90%"),
        ({"maxmemory": 0, "total_system_memory": 11 * MEBIBYTE}, Level.PROBLEM, "this machine's"),
        ({"redis_version": "5.0.14"}, Level.WARNING, "Redis 5.0.14 is no longer maintained"),
        ({"valkey_version": "9.1.2"}, Level.OK, "Valkey 9.1.2 answers"),
        ({"aof_last_write_status": "err"}, Level.PROBLEM, "could not write to disk"),
    ],
)
def test_the_facts_of_a_redis_are_judged(
    facts: dict[str, object], level: Level, words: str
) -> None:
    findings = health_findings(SAFE_REDIS | facts, "")
    (found,) = [finding for finding in findings if words in finding.sentence]
    assert found.level == level
    assert sum(finding.level != Level.OK for finding in findings) == (level != Level.OK)


@pytest.mark.parametrize(
    ("celery", "redis_py"),
    [
        ("redis://host:1/2", "redis://host:1/2"),
        ("redis+socket:///run/r.sock?virtual_host=3", "unix:///run/r.sock?db=3"),
        ("rediss://host/0?ssl_cert_reqs=CERT_NONE", "rediss://host/0?ssl_cert_reqs=none"),
        ("rediss://host/0?ssl_cert_reqs=required", "rediss://host/0?ssl_cert_reqs=required"),
    ],
)
def test_celerys_addresses_are_read_by_redis_py(celery: str, redis_py: str) -> None:
    assert redis_py_address(celery) == redis_py


@pytest.mark.parametrize(
    ("mebibytes", "level"), [(2000, Level.OK), (1023, Level.WARNING), (99, Level.PROBLEM)]
)
def test_room_runs_short_by_degrees(mebibytes: int, level: Level) -> None:
    found = room_finding(Path("/var/lib/punctual"), mebibytes * MEBIBYTE)
    assert found.level == level
    assert f"{mebibytes} MiB" in found.sentence


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    findings = storage_findings(tmp_path)
    assert {finding.subject for finding in findings} == {"storage"}
    assert findings[0].level == Level.OK
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    findings = storage_findings(tmp_path / "var" / "artefacts")
    assert findings[0].level == Level.OK
    assert "will be made" in findings[0].sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["taken", "taken/artefacts"])
def test_a_file_in_the_place_of_the_folder_is_a_problem(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").touch()
    (found,) = storage_findings(tmp_path / below)
    assert found.level == Level.PROBLEM
    assert "is not a folder" in found.sentence
    assert "VAR_DIR" in found.advice


def test_a_folder_that_refuses_files_is_a_problem() -> None:
    (found,) = storage_findings(Path("/proc/self"))  # nobody, not even root, makes files there
    assert found.level == Level.PROBLEM
    assert "cannot be kept" in found.sentence


def test_static_files_that_were_not_collected_are_a_problem(tmp_path: Path) -> None:
    (found,) = static_findings(tmp_path, debug=False)
    assert found.level == Level.PROBLEM
    (tmp_path / "staticfiles.json").write_text('{"paths": {}}')
    (found,) = static_findings(tmp_path, debug=False)
    assert found.level == Level.PROBLEM
    assert "are not collected" in found.sentence
    assert "collectstatic" in found.advice


def test_static_files_need_no_collecting_in_development(tmp_path: Path) -> None:
    (found,) = static_findings(tmp_path, debug=True)
    assert found.level == Level.OK
