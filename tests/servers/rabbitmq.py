"""A RabbitMQ server of the tests' own, on free ports of the loopback interface.

It is the system's RabbitMQ (Debian's package `rabbitmq-server`), with everything that it writes
in a temporary folder, and with a port mapper (epmd) of its own that ends with it.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from kombu import Connection

from scheduler_site.development.ports import free_port
from tests.waiting import wait_until

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30
# One scheduler that does not spin while it has nothing to do: the tests need the cores.
QUIET_ERLANG = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"


class RabbitServer:
    """One broker in a temporary folder; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="punctual-rabbitmq-"))
        self.port = free_port()
        self._mapper_port = free_port()
        self._mapper: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the broker URL."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def __enter__(self) -> Self:
        try:
            self._configure()
            self._mapper = subprocess.Popen(["epmd", "-port", str(self._mapper_port)])
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        if self._mapper is not None:
            self._mapper.terminate()
            self._mapper.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        with (self.directory / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [SERVER],
                env=self._environment(),
                cwd=self.directory,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_until(self._accepts_connections, "RabbitMQ to be ready", START_TIMEOUT_SECONDS)

    def stop(self) -> None:
        """Stop the server in order; messages of durable queues stay in its folder."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_TIMEOUT_SECONDS)
            self._process = None

    def _configure(self) -> None:
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.local = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 50MB\n"
            "log.console = false\n"
        )
        (self.directory / "plugins").write_text("[].\n")

    def _environment(self) -> dict[str, str]:
        folder = str(self.directory)
        return {
            **os.environ,
            "HOME": folder,  # Erlang keeps its cookie there.
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_NODENAME": f"punctual{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": QUIET_ERLANG,
        }

    def _accepts_connections(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"RabbitMQ ended: {(self.directory / 'output').read_text()}")
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.connect()
        except OSError:
            return False
        return True
