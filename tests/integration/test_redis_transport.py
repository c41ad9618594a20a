"""kombu's transport as this site uses it: one client of Redis serves all messages of a channel."""

from typing import Any

import pytest
import redis
from kombu import Connection, Queue

from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer

QUEUE = "tests.transport"


def publish(connection: Connection, count: int) -> Any:
    """Publish so many messages; return the queue that has them."""
    queue: Any = Queue(QUEUE)(connection.default_channel)
    queue.declare()
    with connection.Producer() as producer:
        for number in range(count):
            producer.publish({"number": number}, routing_key=QUEUE)
    return queue


def test_messages_are_taken_and_acknowledged_without_a_new_client_for_each(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[redis.Redis] = []
    make = redis.Redis.__init__

    def count(client: redis.Redis, *args: Any, **options: Any) -> None:
        made.append(client)
        make(client, *args, **options)

    with app.connection_for_write() as connection:
        queue = publish(connection, 3)
        monkeypatch.setattr(redis.Redis, "__init__", count)
        for number in range(3):
            message = queue.get()
            assert message.payload == {"number": number}
            message.ack()
        assert made == []
    with redis.Redis.from_url(broker.url) as client:
        assert client.hlen("unacked") == 0


def test_a_channel_that_has_lost_its_connections_makes_new_ones(broker: RedisServer) -> None:
    with app.connection_for_write() as connection:
        queue = publish(connection, 1)
        channel: Any = connection.default_channel
        # As kombu does in a process that was just forked.
        channel._disconnect_pools()
        queue.get().ack()
        with channel.conn_or_acquire() as client:
            assert client.connection_pool is channel.pool


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("redis://one", "Transport"),
        ("rediss://one", "Transport"),
        ("sentinel://one", "SentinelTransport"),
    ],
)
def test_every_address_of_redis_has_it(address: str, name: str) -> None:
    transport: Any = app.connection_for_read(address).transport_cls
    chosen: Any = app.connection_for_read(address).get_transport_cls()
    assert transport == address.partition(":")[0]
    assert chosen.__module__ == "jobs.runs.worker.consuming.redis_transport"
    assert (chosen.__name__, chosen.Channel.conn_or_acquire.__module__) == (
        name,
        chosen.__module__,
    )
