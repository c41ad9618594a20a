"""When a development run may be called ready."""

from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from celery import Celery
from kombu.exceptions import OperationalError

from scheduler_site.development.ports import LOOPBACK

PING_TIMEOUT_SECONDS = 0.5
WEB_TIMEOUT_SECONDS = 2.0


def web_answers(port: int) -> bool:
    """Return whether the web server says that it can serve."""
    connection = HTTPConnection(LOOPBACK, port, timeout=WEB_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": LOOPBACK})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


class Roll:
    """Calls the names of Celery nodes until each has answered a ping once."""

    def __init__(self, broker_url: str, nodes: Sequence[str]) -> None:
        # An app of its own: the project's app read its broker before one was started.
        self._app = Celery(broker=broker_url, set_as_current=False)
        self._app.conf.broker_transport_options = {"socket_connect_timeout": 2}
        self._missing = set(nodes)

    def is_complete(self) -> bool:
        """Ping those that have not answered yet; return whether nobody is missing."""
        if self._missing:
            try:
                answers = self._app.control.ping(
                    destination=sorted(self._missing), timeout=PING_TIMEOUT_SECONDS
                )
            except (OperationalError, OSError):
                return False
            self._missing -= {name for answer in answers or [] for name in answer}
        return not self._missing

    def close(self) -> None:
        """Close the connections to the broker."""
        self._app.close()
