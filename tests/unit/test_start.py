"""What a person sees who starts a process with a wrong configuration."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY = "k" * 50


def start(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with only these variables; return what it said."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def say_setting(expression: str, **variables: str) -> str:
    """Return what the settings hold in a process with only these variables."""
    code = f"from django.conf import settings; print(settings.{expression})"
    module = {"DJANGO_SETTINGS_MODULE": "scheduler_site.settings"}
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **module, **variables},
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    return said.stdout.strip()


def test_production_does_not_start_without_a_secret_key_and_hosts() -> None:
    ended = start("check")
    assert ended.returncode != 0
    assert "SECRET_KEY" in ended.stderr
    assert "ALLOWED_HOSTS" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_production_does_not_start_with_a_short_secret_key() -> None:
    ended = start("check", SECRET_KEY="short", ALLOWED_HOSTS="punctual.example")
    assert ended.returncode != 0
    assert "32 at the least" in ended.stderr


def test_production_starts_with_both(tmp_path: Path) -> None:
    ended = start("check", SECRET_KEY=KEY, ALLOWED_HOSTS="punctual.example", VAR_DIR=str(tmp_path))
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    "url",
    ["nonsense", "postgresql://", "postgresql://user@host:notaport/name", "mysql://u@h/name"],
)
def test_a_wrong_database_address_is_one_sentence(url: str, tmp_path: Path) -> None:
    ended = start("check", DEBUG="1", DATABASE_URL=url, VAR_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    closed = "postgresql://user:hunter2@127.0.0.1:9/name"
    ended = start("migrate", DEBUG="1", DATABASE_URL=closed, VAR_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "the database cannot be reached" in ended.stderr
    assert "DATABASE_URL" in ended.stderr
    assert "hunter2" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_host_that_never_says_a_word_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_url = f"postgresql://user@127.0.0.1:{silent.getsockname()[1]}/name"
        ended = start("migrate", DEBUG="1", DATABASE_URL=silent_url, VAR_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "timeout" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("url", "timeout"),
    [
        ("postgresql://user@host/name", 5),
        ("postgres://user@host/name?sslmode=require", 5),
        ("postgresql://user@host/name?connect_timeout=17", 17),
        ("", None),
    ],
)
def test_only_postgresql_has_a_time_limit_for_connecting_and_the_address_may_set_it(
    url: str, timeout: int | None, tmp_path: Path
) -> None:
    said = say_setting(
        "DATABASES['default']['OPTIONS'].get('connect_timeout')",
        DEBUG="1",
        DATABASE_URL=url,
        VAR_DIR=str(tmp_path),
    )
    assert said == str(timeout)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    ended = start("check", DEBUG="1", VAR_DIR=str(tmp_path / "taken" / "var"))
    assert ended.returncode != 0
    assert "VAR_DIR" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_secret_key_of_development_is_kept(tmp_path: Path) -> None:
    first = say_setting("SECRET_KEY", DEBUG="1", VAR_DIR=str(tmp_path))
    second = say_setting("SECRET_KEY", DEBUG="1", VAR_DIR=str(tmp_path))
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
