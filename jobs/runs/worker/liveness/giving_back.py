"""Messages that a worker which stops has taken and not begun go back to the broker at once.

Celery gives them back too, but only when all that runs is over (celery 5.7, kombu 5.7).
"""

from queue import Empty
from typing import Any

import structlog
from celery.worker import state

logger = structlog.get_logger(__name__)


class NotBegun:
    """The messages that the consumer of a stopping worker holds; used by its main thread."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        # Collected before the consumer stops, which forgets those that wait for their time. One
        # may have reached a child by now: then it comes a second time, and starts nothing.
        self._requests = [
            request
            for request in list(state.requests.values())
            if request not in state.active_requests and not request.acknowledged
        ]

    def give_back(self) -> int:
        """Give them back, the consumer having stopped; return how many.

        Not earlier: this very worker would take them again.
        """
        connection, errors = self._consumer.connection, self._consumer.connection_errors
        if connection is None:
            return 0
        try:
            finish_reading(connection)
            return sum(_give_back(request) for request in self._requests)
        except errors as problem:
            # The broker gives out again what is not acknowledged when the connection ends.
            logger.warning("messages were not given back", error=str(problem).strip())
            return 0


def finish_reading(connection: Any) -> None:
    """Read what Redis still answers to the last question for messages; a second at the most.

    The question is a BRPOP that waits for a second. A message that it brings would lie in the
    socket until the end of all that runs. There being no consumer, kombu gives it back.
    """
    if connection.transport.driver_type != "redis":
        return
    for channel in list(connection.connection.channels):
        if getattr(channel, "_in_poll", False):
            try:
                channel._brpop_read()  # noqa: SLF001 (kombu has no other way)
            except Empty:
                continue


def _give_back(request: Any) -> bool:
    """Give back one message; not by `Request.reject`, which needs the event loop that ended."""
    if request.acknowledged:
        return False
    request.acknowledged = True
    request.message.reject(requeue=True)
    return True
