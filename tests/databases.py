"""The database of a pytest process: a copy of one that the migrations have made.

They take seconds, and copying what they made a moment: the first process that needs the database
lets them run, for all. Those of a run share VAR_DIR and the PostgreSQL server; the runs that
`tests.run` starts share MIGRATED_FOLDER too.
"""

import fcntl
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

MIGRATED = "migrated"
UNFINISHED = "migrating"


def use_own_copy() -> None:
    """Point Django's connection at a database of this process's own.

    It goes when the run's folder, or its server, does.
    """
    copy = {"postgresql": _copy_in_postgresql, "sqlite": _copy_file}[connection.vendor]
    own = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with (_folder() / f"{connection.vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy(own)


def put_migrated_file(path: Path) -> None:
    """Copy the migrated SQLite file to `path`; where the tests use PostgreSQL there is none."""
    if connection.vendor == "sqlite":
        shutil.copyfile(_folder() / MIGRATED, path)


def _copy_file(own: str) -> None:
    migrated, unfinished = _folder() / MIGRATED, _folder() / UNFINISHED
    if not migrated.exists():
        _migrate(str(unfinished))
        unfinished.rename(migrated)
    copy = settings.VAR_DIR / f"{own}.sqlite3"
    shutil.copyfile(migrated, copy)
    _use(str(copy))


def _folder() -> Path:
    return Path(os.environ.get("MIGRATED_FOLDER") or settings.VAR_DIR)


def _copy_in_postgresql(own: str) -> None:
    servers_own = connection.settings_dict["NAME"]
    if not _exists_in_postgresql(MIGRATED):
        _execute(f"CREATE DATABASE {UNFINISHED}")
        _migrate(UNFINISHED)
        _use(servers_own)
        _execute(f"ALTER DATABASE {UNFINISHED} RENAME TO {MIGRATED}")
    # PostgreSQL copies a database only while nobody is connected to it.
    _execute(f"CREATE DATABASE {own} TEMPLATE {MIGRATED}")
    _use(own)


def _exists_in_postgresql(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _migrate(name: str) -> None:
    _use(name)
    call_command("migrate", verbosity=0, interactive=False)
    # The last connection of a SQLite file writes all into it; PostgreSQL renames what is unused.
    connection.close()


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
