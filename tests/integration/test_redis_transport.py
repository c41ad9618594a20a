"""kombu's transport as this site uses it: one client of Redis serves all messages of a channel."""

from typing import Any

import pytest
import redis
from kombu import Connection, Queue

from jobs.runs.message_headers import DUE_AT_HEADER
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer

QUEUE = "tests.transport"


# Of a message that beat has sent.
FROM_BEAT = {DUE_AT_HEADER: "2026-03-01T12:00:00+00:00"}


def publish(connection: Connection, count: int, headers: dict[str, str] | None = None) -> Any:
    """Publish so many messages; return the queue that has them."""
    queue: Any = Queue(QUEUE)(connection.default_channel)
    queue.declare()
    with connection.Producer() as producer:
        for number in range(count):
            producer.publish({"number": number}, routing_key=QUEUE, headers=headers)
    return queue


def kept_in_redis(broker: RedisServer) -> tuple[int, int]:
    """Return how many messages wait in the queue, and how many have a copy as unacknowledged."""
    with redis.Redis.from_url(broker.url) as client:
        waiting, copies = client.llen(QUEUE), client.hlen("unacked")
        assert client.zcard("unacked_index") == copies
        return waiting, copies


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


@pytest.mark.parametrize(("headers", "copies"), [(FROM_BEAT, 0), ({}, 1)])
def test_a_message_whose_run_the_ledger_has_is_not_copied(
    broker: RedisServer, headers: dict[str, str], copies: int
) -> None:
    with app.connection_for_write() as connection:
        message = publish(connection, 1, headers).get()
        assert kept_in_redis(broker) == (0, copies)
        message.ack()
        assert kept_in_redis(broker) == (0, 0)
    assert kept_in_redis(broker) == (0, 0)


@pytest.mark.parametrize("headers", [FROM_BEAT, {}])
def test_a_message_that_is_given_back_is_taken_again_as_redelivered(
    broker: RedisServer, headers: dict[str, str]
) -> None:
    with app.connection_for_write() as connection:
        queue = publish(connection, 1, headers)
        first = queue.get()
        first.requeue()
        assert kept_in_redis(broker) == (1, 0)
        again = queue.get()
        assert (again.payload, again.headers["redelivered"]) == (first.payload, True)
        again.reject()
        assert kept_in_redis(broker) == (0, 0)


@pytest.mark.parametrize("headers", [FROM_BEAT, {}])
def test_who_ends_in_order_gives_back_what_is_not_acknowledged(
    broker: RedisServer, headers: dict[str, str]
) -> None:
    with app.connection_for_write() as connection:
        queue = publish(connection, 3, headers)
        queue.get().ack()
        queue.get()
    assert kept_in_redis(broker) == (2, 0)


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
