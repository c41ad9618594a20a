"""The broker as beat sees it: there, or away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu.exceptions import (  # type: ignore[attr-defined]
    BatchPublishError,
    OperationalError,
)


class BrokerAwayError(Exception):
    """The broker cannot be reached or refuses; nothing that was to be sent counts as sent."""


@contextmanager
def connected_producer(app: Celery) -> Iterator[Any]:
    """Yield a pooled producer whose broker has answered; raise BrokerAwayError within seconds.

    The wait is bounded by `socket_connect_timeout` of the transport options.
    """
    with app.producer_pool.acquire(block=True) as producer:
        # Typed loosely throughout: the stubs of kombu do not know its 5.7.
        connection: Any = producer.connection
        # Without it connecting is tried again and again (6 s per call on a dead Redis).
        connection.transport_options.update(max_retries=0)
        with broker_errors(connection):
            # A new channel of the Redis transport sends a PING.
            producer.revive(connection.default_channel)
        yield producer


@contextmanager
def broker_errors(connection: Any) -> Iterator[None]:
    """Raise BrokerAwayError instead of the transport's errors, with the connection thrown away.

    The block must hold calls of the broker only: the Redis transport counts even KeyError as
    an error of its connection.
    """
    away = (*connection.connection_errors, *connection.channel_errors)
    try:
        yield
    except (*away, BatchPublishError, OperationalError) as problem:
        connection.collect()
        raise BrokerAwayError(_sentence(problem)) from problem


def _sentence(problem: BaseException) -> str:
    cause = problem.__cause__ or problem
    return f"The broker cannot be reached or refuses messages ({cause})."
