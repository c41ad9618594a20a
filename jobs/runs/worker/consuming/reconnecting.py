"""Celery's consumer, mended: it outlives a restart of Redis. It knows nothing of the ledger."""

from celery.utils.threads import bound_open_broker_sockets  # type: ignore[attr-defined]
from celery.worker.consumer.consumer import Consumer
from kombu.common import ignore_errors

CLOSE_TIMEOUT_SECONDS = 5.0


class ReconnectingConsumer(Consumer):
    """Celery's consumer, which closes a broken connection once instead of twice.

    celery 5.7.0 first collects the broken connection and then closes it. Redis being away,
    the first closing of the channel stops half-way, and `collect` still takes the client from
    the transport (kombu 5.7.0). The second closing then tries to give back the messages not yet
    acknowledged, finds no client, and raises "AttributeError: 'NoneType' object has no attribute
    'hostname'". That is no connection error, so nothing catches it and the worker exits.
    celery 5.6.3 recovers. Tests in tests/faults/test_redis_restart.py fail
    without this class; where they pass without it, it can go.

    Weak: each lost connection leaves about three sockets open until the worker ends (two with
    Celery's own class). Messages that were received but not started, such as those with a
    countdown, may come back only after the broker's visibility timeout (an hour by default).
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close the broken connection, then let Celery do everything else it does here.

        Closed while the transport still has its client, every error is a connection error,
        and kombu ignores those. Celery copes with finding no connection any more: in 5.7.0 its
        own collecting ignores every exception, and its own closing asks first.
        """
        connection, self.connection = self.connection, None
        if connection is not None:
            # A peer that went silent must not hold up the closing (celery issue 9705).
            bound_open_broker_sockets(connection, CLOSE_TIMEOUT_SECONDS)
            ignore_errors(connection, connection.close)
        super().on_connection_error_after_connected(exc)
