"""Doctor's view of the database of this run, of broken SQLite files and of a PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from scheduler_site.development.ports import free_port
from scheduler_site.doctor.database import database_findings
from scheduler_site.doctor.findings import Finding, Level
from tests.servers.postgres import PostgresServer
from tests.servers.scripted import answering


@pytest.fixture(scope="module")
def empty_postgres() -> Iterator[PostgresServer]:
    """Yield a PostgreSQL server in which nothing was migrated."""
    with PostgresServer() as server:
        yield server


def entry(url: str, **options: Any) -> dict[str, Any]:
    """Return an entry of DATABASES as the settings make it, with more options."""
    own = settings.SQLITE_OPTIONS if url.startswith("sqlite") else {}
    defaults = {key: connection.settings_dict[key] for key in ("TIME_ZONE", "AUTOCOMMIT")}
    return {
        **dj_database_url.parse(url),
        **defaults,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {**own, **options},
    }


def only_problem(findings: list[Finding]) -> Finding:
    """Return the only finding that is a problem."""
    (found,) = [finding for finding in findings if finding.level == Level.PROBLEM]
    return found


@pytest.mark.django_db(transaction=True)
def test_the_database_of_this_run_is_in_order() -> None:
    findings = database_findings(connection.settings_dict)
    assert {finding.level for finding in findings} == {Level.OK}
    said = " ".join(finding.sentence for finding in findings)
    assert {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor] in said
    assert "All migrations are applied" in said


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_is_missing_is_named() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("sessions", "0001_initial")
    try:
        found = only_problem(database_findings(connection.settings_dict))
    finally:
        recorder.record_applied("sessions", "0001_initial")
    assert "1 migrations are not applied: sessions.0001_initial" in found.sentence
    assert "manage.py migrate" in found.advice


@pytest.mark.django_db
def test_a_missing_sqlite_file_is_a_problem_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite3"
    found = only_problem(database_findings(entry(f"sqlite:///{path}")))
    assert str(path) in found.sentence
    assert not path.exists()


@pytest.mark.django_db
def test_another_kind_of_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear database, you are none. " * 50)
    found = only_problem(database_findings(entry(f"sqlite:///{path}")))
    assert "not a database" in found.sentence


@pytest.mark.django_db
def test_a_sqlite_that_somebody_writes_for_long_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "busy.sqlite3"
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("BEGIN IMMEDIATE")
        found = only_problem(database_findings(entry(f"sqlite:///{path}"), timeout_seconds=1))
        writer.execute("ROLLBACK")
    writer.close()
    assert "locked" in found.sentence
    assert "has been writing" in found.advice


@pytest.mark.django_db
def test_a_sqlite_without_wal_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "slow.sqlite3"
    path.touch()
    findings = database_findings(entry(f"sqlite:///{path}", init_command=""))
    (found,) = [finding for finding in findings if finding.level == Level.WARNING]
    assert "journal mode is delete instead of wal" in found.sentence


@pytest.mark.django_db
def test_an_empty_postgresql_waits_for_its_migrations(empty_postgres: PostgresServer) -> None:
    findings = database_findings(entry(empty_postgres.url))
    assert "not applied" in only_problem(findings).sentence
    said = " ".join(finding.sentence for finding in findings)
    assert f"at 127.0.0.1:{empty_postgres.port}/postgres" in said
    assert "clock and this host's agree" in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("right", "wrong", "advice"),
    [
        ("/postgres", "/elsewhere", "Create the database"),
        ("punctual@", "nobody-known:hidden-word@", "Make the user on the server"),
    ],
)
def test_a_wrong_name_in_the_address_is_told_apart(
    empty_postgres: PostgresServer, right: str, wrong: str, advice: str
) -> None:
    found = only_problem(database_findings(entry(empty_postgres.url.replace(right, wrong))))
    assert advice in found.advice
    assert "hidden-word" not in found.line


@pytest.mark.django_db
def test_a_standby_that_only_reads_is_a_problem(empty_postgres: PostgresServer) -> None:
    only_reading = entry(empty_postgres.url, options="-c default_transaction_read_only=on")
    findings = database_findings(only_reading)
    assert any("only reads" in finding.sentence for finding in findings)


@pytest.mark.django_db
def test_a_closed_port_is_a_problem_without_the_password() -> None:
    url = f"postgresql://punctual:hidden-word@127.0.0.1:{free_port()}/punctual"
    found = only_problem(database_findings(entry(url)))
    assert "refused" in found.sentence
    assert "Start the database server" in found.advice
    assert "hidden-word" not in found.line


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [b"", b"220 mail.example ESMTP\r\n"], ids=["silent", "smtp"])
def test_what_is_no_postgresql_is_a_problem_within_its_time(answer: bytes) -> None:
    with answering(answer) as port:
        database = entry(f"postgresql://punctual@127.0.0.1:{port}/punctual")
        found = only_problem(database_findings(database, timeout_seconds=2))
    assert "It cannot be used" in found.sentence
