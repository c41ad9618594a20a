"""kombu's transports for Redis, with less to do for each message.

**One client per channel.** kombu (5.7.0) makes a new client of redis-py for each message that it
keeps as unacknowledged, and another when that is acknowledged. Making one takes 0.06 ms, as long as
a command does: an eighth of what a worker's main process does per message. A client holds no
connection of its own but takes one from its pool for each command, so that one may serve all, from
any thread (redis-py 8).

**No second copy of what the ledger knows.** kombu keeps a copy of each message in Redis (`unacked`)
until it is acknowledged, which takes two more commands per message, and hands it out anew after the
visibility timeout, an hour by default. Of a run that beat has sent the ledger knows more: whose
message is gone with its worker is sent again within a lease (`beat.rescue.vanished_messages`). Such
a message is held by the worker alone. All others, such as those of ad-hoc calls, keep their copy.

`scheduler_site.celery` names these in the place of kombu's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kombu.transport import redis, virtual

from jobs.runs.message_headers import DUE_AT_HEADER

# The stubs of kombu know little of them.
_QoS: Any = redis.QoS
_Channel: Any = redis.Channel
_SentinelChannel: Any = redis.SentinelChannel


class QoS(_QoS):  # type: ignore[misc]
    """kombu's, but for the messages that beat has sent: they have no copy in Redis."""

    _delivered: dict[str, Any]
    _dirty: set[str]
    channel: Any

    def append(self, message: Any, delivery_tag: str) -> None:
        """Remember a message that this worker has now."""
        if _is_in_ledger(message):
            virtual.QoS.append(self, message, delivery_tag)
        else:
            super().append(message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Forget a message, which may be another thread's doing."""
        if self._is_held_here(delivery_tag):
            virtual.QoS.ack(self, delivery_tag)
        else:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Forget a message; put it back into its queue first if that is asked for."""
        if not self._is_held_here(delivery_tag):
            super().reject(delivery_tag, requeue)
            return
        if requeue:
            self.restore_by_tag(delivery_tag, leftmost=True)
        virtual.QoS.ack(self, delivery_tag)

    def restore_by_tag(self, tag: str, client: Any = None, leftmost: bool = False) -> None:
        """Put a message back into its queue, unless it is acknowledged."""
        if not self._is_held_here(tag):
            super().restore_by_tag(tag, client, leftmost)
        elif tag not in self._dirty:
            message = self._delivered[tag]
            where = message.delivery_info
            with self.channel.conn_or_acquire(client) as client, client.pipeline() as commands:
                self.channel._do_restore_message(  # noqa: SLF001 (as kombu's own does)
                    message._raw,  # noqa: SLF001
                    where["exchange"],
                    where["routing_key"],
                    commands,
                    leftmost,
                )
                commands.execute()

    def _is_held_here(self, delivery_tag: str) -> bool:
        message = self._delivered.get(delivery_tag)
        return message is not None and _is_in_ledger(message)


def _is_in_ledger(message: Any) -> bool:
    """Return whether beat has sent the message, so that its run has a row."""
    return isinstance(message.headers, dict) and DUE_AT_HEADER in message.headers


class _OneClient:
    """A channel's client, made anew where the channel has forgotten its pool (after a fork)."""

    pool: Any
    _create_client: Any
    _one: Any = None

    @contextmanager
    def conn_or_acquire(self, client: Any = None) -> Iterator[Any]:
        """Yield the client that was given, else the channel's own."""
        yield client or self._own_client()

    def _own_client(self) -> Any:
        if self._one is None or self._one.connection_pool is not self.pool:
            self._one = self._create_client()
        return self._one


class Channel(_OneClient, _Channel):  # type: ignore[misc]
    """kombu's channel."""

    QoS = QoS


class SentinelChannel(_OneClient, _SentinelChannel):  # type: ignore[misc]
    """kombu's channel to the Redis that Sentinels name."""

    QoS = QoS


class Transport(redis.Transport):
    """kombu's transport for redis:// and rediss://."""

    Channel = Channel


class SentinelTransport(redis.SentinelTransport):
    """kombu's transport for sentinel://."""

    Channel = SentinelChannel
