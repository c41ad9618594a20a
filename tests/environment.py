"""The environment of a test run, set before Django's settings are read (pytest's `-p`).

Each pytest process has a Redis of its own. `TEST_DATABASE=postgresql` adds one PostgreSQL server
for all of them; otherwise the database is SQLite in a temporary folder. Nothing of the person's
own environment leaks in.
"""

import gc
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from scheduler_site.development.redis_server import RedisServer, find_executable
from scheduler_site.environment import VARIABLES
from tests.servers.postgres import PostgresServer

_stack = ExitStack()
redis_servers: list[RedisServer] = []


def _temporary_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="punctual-tests-"))
    _stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _keep_bytecode() -> None:
    """Let Python keep what it compiles, whatever the person's environment says.

    The suites start hundreds of processes of the same code, and pytest rewrites every test.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def _search_garbage_seldom() -> None:
    """Let Python search for garbage after many more new objects than the usual 700.

    Django's models and the tests stay; looking through them again and again took an eighth of
    the computing. Before beat is imported, which notes what is usual.
    """
    gc.set_threshold(50_000, 20, 100)


def _set_environment() -> None:
    for variable in VARIABLES:
        os.environ.pop(variable.name, None)
        os.environ.pop(f"{variable.name}_FILE", None)
    os.environ.update(
        DEBUG="1",
        SECRET_KEY="a key for tests only, as long as a real one needs to be",
        VAR_DIR=str(_temporary_folder()),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the servers; pytest-django reads the settings right after this."""
    _keep_bytecode()
    _search_garbage_seldom()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _set_environment()
        if os.environ.get("TEST_DATABASE") == "postgresql":
            os.environ["DATABASE_URL"] = _stack.enter_context(PostgresServer()).url
    server = RedisServer(_temporary_folder(), find_executable())
    redis_servers.append(_stack.enter_context(server))
    os.environ["REDIS_URL"] = server.url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a skipped test into a failure where `FAIL_ON_SKIP` is set, as in CI."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("FAIL_ON_SKIP"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    """Stop what this run started and delete what it wrote."""
    _stack.close()
