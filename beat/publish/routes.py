"""Whether a message that names an exchange reaches a queue."""

from collections.abc import Callable
from typing import Any

from kombu import Producer

# The argument is kombu's Producer; the stubs of kombu do not know its 5.7.
Send = Callable[[Any], None]


class UnroutableError(Exception):
    """The run names an exchange that leads to no queue."""


def send_to_new_route(
    send: Send, producer: Any, exchange: str, routing_key: str, options: dict[str, Any]
) -> None:
    """Send the first message to a place; raises UnroutableError when it would vanish there.

    Redis and RabbitMQ can tell. Other transports are not asked.
    """
    if producer.connection.transport.driver_type == "amqp":
        _send_and_listen(send, producer, exchange, routing_key)
        return
    _require_binding(producer.channel, exchange, routing_key, options)
    send(producer)


def _require_binding(
    channel: Any, exchange: str, routing_key: str, options: dict[str, Any]
) -> None:
    """Look for the queue in Redis, where kombu drops what reaches none without a word."""
    lookup = getattr(channel, "_lookup", None)
    if lookup is None or not routing_key or channel.typeof(exchange).type == "fanout":
        return
    named = [options.get("queue"), *(options.get("declare") or [])]
    for entity in filter(None, named):
        # Not the cached declaration: a Redis that came back empty has forgotten the bindings.
        entity.bind(channel).declare()
    if not lookup(exchange, routing_key):
        raise UnroutableError(_no_queue(exchange, routing_key))


def _send_and_listen(send: Send, producer: Any, exchange: str, routing_key: str) -> None:
    """Send as mandatory on a channel of its own, which RabbitMQ closes on an unknown exchange."""
    returned: list[object] = []
    with producer.connection.channel() as channel:
        listening = _Listening(channel, on_return=lambda *told: returned.append(told))
        try:
            send(listening)
        except channel.connection.channel_errors as problem:
            raise UnroutableError(str(problem)) from problem
    if returned:
        raise UnroutableError(_no_queue(exchange, routing_key))


class _Listening(Producer):
    """A producer whose every message the broker returns when no queue takes it."""

    def publish(self, *args: Any, **options: Any) -> Any:
        return super().publish(*args, **(options | {"mandatory": True}))


def _no_queue(exchange: str, routing_key: str) -> str:
    return f"no queue is bound to the exchange {exchange!r} with the routing key {routing_key!r}"
