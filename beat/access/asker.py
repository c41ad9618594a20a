"""Who asks, and from where."""

import getpass
import os
import socket
from dataclasses import dataclass

from django.http import HttpRequest

from jobs.runs.remote_address import remote_address

BEAT = "beat"
NOBODY = "somebody who is not logged in"


@dataclass(frozen=True)
class Asker:
    """Who asks for a change or an action, and from where.

    `origin` is "admin", "page", "command line", "schedules file", "API" or "beat". `address` is
    the network address of a request, the host's name of a command. Without a `user_id` nobody is
    asked for a permission: whoever runs commands on the host has the database anyway.
    """

    user_id: int | None
    name: str
    origin: str
    address: str = ""

    @classmethod
    def of_request(cls, request: HttpRequest, origin: str = "admin") -> "Asker":
        """Return who sent a request."""
        user = request.user
        name = user.get_username() if user.is_authenticated else NOBODY
        return cls(user.pk, name, origin, remote_address(request))

    @classmethod
    def at_command_line(cls, origin: str = "command line") -> "Asker":
        """Return the account of the operating system that runs a command."""
        return cls(None, _account(), origin, socket.gethostname())

    @classmethod
    def beat(cls) -> "Asker":
        """Return beat itself."""
        return cls(None, BEAT, BEAT, socket.gethostname())


def _account() -> str:
    """Return the account's name; with sudo, the person's. An account without a name has its id."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        # Python 3.13 raises OSError where it raised KeyError before.
        return f"uid {os.getuid()}"
