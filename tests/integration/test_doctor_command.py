"""`manage.py doctor` as a person or a monitor runs it.

On SQLite alone: what doctor says of each database is in `test_doctor_database.py`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import ROOT, process_environment
from tests.servers.scripted import answering
from tests.servers.smtp import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database("sqlite")]


def doctor(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "doctor", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_installation_in_order_ends_with_zero(broker: RedisServer, tmp_path: Path) -> None:
    with SmtpServer() as mail:
        environment = process_environment(
            broker.url, EMAIL_HOST=mail.host, EMAIL_PORT=str(mail.port), VAR_DIR=str(tmp_path)
        )
        ended = doctor(environment)
        assert mail.messages == []
    assert ended.returncode == 0, ended.stdout + ended.stderr
    subjects = [line.split()[1] for line in ended.stdout.splitlines()[:-1]]
    assert set(subjects) == {
        "settings:", "database:", "broker:", "processes:", "queues:", "alerts:", "mail:",
        "storage:", "sources:", "static:",
    }  # fmt: skip
    assert ended.stdout.splitlines()[-1].startswith("Problems: 0, warnings: ")
    assert "\x1b" not in ended.stdout
    assert ended.stderr == ""


def test_an_installation_out_of_order_is_told_in_lines_and_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with answering(b"554 whoever says mail-word or base-word is out\r\n") as port:
        environment = process_environment(
            "redis://:broker-word@127.0.0.1:9/0",
            DEBUG="0",
            SECRET_KEY="short-key-but-long-enough-to-start",
            ALLOWED_HOSTS="punctual.example",
            DATABASE_URL="postgresql://punctual:base-word@127.0.0.1:9/punctual",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=str(port),
            EMAIL_HOST_PASSWORD="mail-word",
            REPORT_SOURCES="sales=postgresql://reader:source-word@127.0.0.1:9/sales",
            VAR_DIR=str(tmp_path / "file" / "var"),
        )
        ended = doctor(environment)
    assert ended.returncode == 1
    problems = [line for line in ended.stdout.splitlines() if line.startswith("problem ")]
    for subject in ("database", "broker", "mail", "storage", "sources"):
        assert any(line.startswith(f"problem  {subject}: ") for line in problems), ended.stdout
    assert "SITE_URL" in ended.stdout
    assert "554 whoever says *** or *** is out" in ended.stdout
    said = ended.stdout + ended.stderr
    for secret in (
        "broker-word",
        "base-word",
        "mail-word",
        "source-word",
        environment["SECRET_KEY"],
    ):
        assert secret not in said
    assert "Traceback" not in said


def test_one_check_alone_as_json(broker: RedisServer) -> None:
    ended = doctor(process_environment(broker.url), "--only", "broker", "--json")
    assert ended.returncode == 0, ended.stdout
    answer = json.loads(ended.stdout)
    assert answer["passed"] is True
    assert {finding["subject"] for finding in answer["findings"]} == {"broker"}
    assert set(answer["findings"][0]) == {"level", "subject", "sentence", "advice"}


def test_a_warning_fails_only_where_asked_to(broker: RedisServer) -> None:
    environment = process_environment(broker.url)
    assert doctor(environment, "--only", "settings").returncode == 0
    assert doctor(environment, "--only", "settings", "--strict").returncode == 1


def test_a_check_that_does_not_exist_is_refused_with_the_names(broker: RedisServer) -> None:
    ended = doctor(process_environment(broker.url), "--only", "weather")
    assert ended.returncode != 0
    assert "storage" in ended.stderr
    assert "Traceback" not in ended.stderr
