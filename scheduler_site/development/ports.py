"""Free TCP ports on the loopback interface."""

import errno
import socket

from scheduler_site.development.errors import DevelopmentError

LOOPBACK = "127.0.0.1"
BACKLOG = 128


def free_port() -> int:
    """Return a port that nobody listens on now; another process may take it before its use."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def port_from(raw: str) -> int:
    """Return the number in PORT; raise DevelopmentError with a sentence when it is none."""
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 65_535:
        raise DevelopmentError(f"PORT: {raw!r} is not valid; write a whole number from 1 to 65535.")
    return int(raw)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on `port`, for the web server to inherit.

    Taken before anything else starts, it cannot be lost to another process in between. Raises
    DevelopmentError with a sentence when the port is not to be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Without it the port counts as taken for a minute after a stop.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise DevelopmentError(_why_not_free(port, problem)) from None
    return listener


def _why_not_free(port: int, problem: OSError) -> str:
    other = port + 1 if port < 65_535 else port - 1
    if problem.errno == errno.EACCES:
        return f"Port {port} may only be used by root. Choose another one: PORT=8000 make run"
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop what uses it, or choose: PORT={other} make run"
    return f"Port {port} cannot be used ({problem.strerror}). Choose: PORT={other} make run"
