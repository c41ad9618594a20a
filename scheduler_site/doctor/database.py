"""The database: reachable, new enough, migrated, writable, and of the same time as this host."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler, NotSupportedError

from scheduler_site.doctor.findings import Finding, ok, problem, warning
from scheduler_site.doctor.wording import reason

SUBJECT = "database"
TIMEOUT_SECONDS = 3
CLOCK_TOLERANCE_SECONDS = 2.0
NAMES_SHOWN = 3


def database_findings(
    database: Mapping[str, Any], timeout_seconds: int = TIMEOUT_SECONDS
) -> list[Finding]:
    """Return how the database of one entry of Django's DATABASES is. Uses a connection of its own.

    Its own, because a check runs in a thread and must neither wait nor join a transaction.
    """
    missing = missing_file(database)
    if missing:
        return [missing]
    connections = ConnectionHandler({"default": impatient(database, timeout_seconds)})
    connection = connections["default"]
    try:
        connection.ensure_connection()
        return _examine(connection)
    except NotSupportedError as error:
        return [problem(SUBJECT, f"{reason(error)}.", "Upgrade the database server.")]
    except DatabaseError as error:
        return [_unusable(error)]
    finally:
        connection.close()


def clock_finding(difference_seconds: float) -> Finding:
    """Return whether database and host agree on the time; positive: the database is ahead."""
    if abs(difference_seconds) <= CLOCK_TOLERANCE_SECONDS:
        return ok(SUBJECT, "Its clock and this host's agree.")
    direction = "ahead of" if difference_seconds > 0 else "behind"
    return warning(
        SUBJECT,
        f"Its clock is {abs(difference_seconds):.1f} seconds {direction} this host's.",
        "Let both machines take their time from the same NTP server.",
    )


def _examine(connection: BaseDatabaseWrapper) -> list[Finding]:
    if connection.vendor == "sqlite":
        return [
            _sqlite_identity(connection),
            *_sqlite_findings(connection),
            _migrations(connection),
        ]
    identity = [_postgresql_identity(connection), *_postgresql_findings(connection)]
    return [*identity, _migrations(connection)]


def impatient(database: Mapping[str, Any], timeout_seconds: int) -> dict[str, Any]:
    """Return the entry with short time limits and without connection reuse."""
    options: dict[str, Any] = dict(database.get("OPTIONS") or {})
    if "sqlite3" in database["ENGINE"]:
        options["timeout"] = timeout_seconds
    else:
        limit = f"-c statement_timeout={timeout_seconds * 1000}"
        options["options"] = f"{options.get('options', '')} {limit}".strip()
        options["connect_timeout"] = timeout_seconds
    return {**database, "OPTIONS": options, "CONN_MAX_AGE": 0}


def missing_file(database: Mapping[str, Any]) -> Finding | None:
    """Return a problem when SQLite's file is not there: connecting would make an empty one."""
    name = str(database["NAME"])
    if "sqlite3" not in database["ENGINE"] or ":memory:" in name or name.startswith("file:"):
        return None
    if Path(name).exists():
        return None
    return problem(
        SUBJECT,
        f"There is no database file {name}.",
        "Make it with `manage.py migrate`, or set DATABASE_URL.",
    )


def _ask(connection: BaseDatabaseWrapper, question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _sqlite_identity(connection: BaseDatabaseWrapper) -> Finding:
    version = _ask(connection, "SELECT sqlite_version()")
    name = connection.settings_dict["NAME"]
    return ok(SUBJECT, f"SQLite {version} with {name}, for one machine; several need PostgreSQL.")


def _sqlite_findings(connection: BaseDatabaseWrapper) -> list[Finding]:
    mode = _ask(connection, "PRAGMA journal_mode")
    found = []
    if mode not in ("wal", "memory"):
        found.append(
            warning(
                SUBJECT,
                f"Its journal mode is {mode} instead of wal: readers and writers block each other.",
                "Keep the file on a local disk; network file systems cannot do it.",
            )
        )
    # Takes the write lock and gives it back: nothing is written.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")
    return found


def _postgresql_identity(connection: BaseDatabaseWrapper) -> Finding:
    version = _ask(connection, "SHOW server_version").split()[0]
    entry = connection.settings_dict
    where = f"{entry['HOST'] or 'local socket'}:{entry['PORT'] or 5432}/{entry['NAME']}"
    return ok(SUBJECT, f"PostgreSQL {version} at {where}.")


def _postgresql_findings(connection: BaseDatabaseWrapper) -> list[Finding]:
    asked_at = time.time()
    database_at = float(_ask(connection, "SELECT extract(epoch FROM clock_timestamp())"))
    found = [clock_finding(database_at - (asked_at + time.time()) / 2)]
    if _ask(connection, "SHOW transaction_read_only") == "on":
        found.append(
            problem(
                SUBJECT,
                "It only reads: a standby, or default_transaction_read_only is on.",
                "Let DATABASE_URL name the primary server.",
            )
        )
    return found


def _migrations(connection: BaseDatabaseWrapper) -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return ok(SUBJECT, "All migrations are applied.")
    names = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    return problem(
        SUBJECT, f"{len(names)} migrations are not applied: {shown}.", "Run `manage.py migrate`."
    )


# A word of the server's or the library's message, and what to do.
ADVICE = (
    ("refused", "Start the database server, or correct host and port in DATABASE_URL."),
    ("translate host name", "Correct the host in DATABASE_URL, or this host's name service."),
    ("resolve host", "Correct the host in DATABASE_URL, or this host's name service."),
    ("password", "Correct user and password in DATABASE_URL."),
    ("pg_hba.conf", "Let the server's pg_hba.conf admit this host, user and database."),
    ("role", "Make the user on the server, or correct the user in DATABASE_URL."),
    ("does not exist", "Create the database, or correct its name in DATABASE_URL."),
    ("timeout", "Look for a firewall, or a server that is overloaded."),
    ("too many", "Raise max_connections, or run fewer processes."),
    ("connection slots", "Raise max_connections, or run fewer processes."),
    ("starting up", "Wait: it is starting, or recovering from a crash."),
    ("readonly", "Give file and folder to the user that runs Punctual."),
    ("unable to open", "Give file and folder to the user that runs Punctual."),
    ("locked", "Something has been writing for seconds; find it before you end it."),
    ("not a database", "DATABASE_URL names another kind of file; correct it, or restore a backup."),
    ("malformed", "The file is damaged: stop Punctual and restore a backup."),
)


def _unusable(error: DatabaseError) -> Finding:
    text = str(error).lower()
    advice = next((advice for word, advice in ADVICE if word in text), "Check DATABASE_URL.")
    return problem(SUBJECT, f"It cannot be used ({reason(error)}).", advice)
