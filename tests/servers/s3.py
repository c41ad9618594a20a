"""An S3-compatible server (moto) in a process of its own, on a free port of the loopback."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scheduler_site.development.ports import free_port
from tests.waiting import wait_until

HOST = "127.0.0.1"


@contextmanager
def s3_server() -> Iterator[str]:
    """Give the address of a server that accepts connections and has no bucket yet."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", HOST, "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            wait_until(lambda: _accepts(port), "the S3 server to accept connections")
            yield f"http://{HOST}:{port}"
        finally:
            server.terminate()


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False
