"""Messages for Redis as text: made once by kombu, then filled in for each run.

kombu's Redis transport (5.7) works 33 µs on each message: it encodes and serialises anew what is
the same for thousands, and sends one command for each. Here it works once per template, on a run
of made-up values; where these stand in its text, those of a run are put, and one LPUSH takes many.
Whatever kombu sends in another way than by one LPUSH (fanout, several queues, queues that expire)
stays with kombu. `_put` is not public in kombu: a test compares the messages of both ways.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count, islice
from secrets import randbits, token_hex
from typing import Any, Self

from kombu import Producer
from kombu.transport import redis

# More values in one LPUSH would keep Redis from others for longer than a few milliseconds.
VALUES_PER_COMMAND = 1_000


@dataclass(frozen=True)
class RedisText:
    """The text of a message with places in it, and the list that it is pushed to.

    `pieces` is what stands around the places, one more than these; a name may have several places.
    """

    key: str
    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def recorded(
        cls, channel: Any, send: Callable[[Any], None], made_up: Mapping[str, str]
    ) -> Self | None:
        """Return what kombu would push for `send`, with places for the made-up texts.

        None when it would not push one text to one list, or a made-up text is not in there.
        """
        recorder = _Recorder(channel)
        standing_in: Any = recorder
        send(Producer(standing_in, auto_declare=False))
        if [name for name, *_ in recorder.commands] != ["lpush"]:
            return None
        [(_, key, text)] = recorder.commands
        tag = json.loads(text)["properties"]["delivery_tag"]
        return cls._with_places(key, text, {**made_up, "delivery_tag": tag})

    @classmethod
    def _with_places(cls, key: str, text: str, made_up: Mapping[str, str]) -> Self | None:
        names = {value: name for name, value in made_up.items()}
        if not all(value in text for value in names):
            return None
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        found = re.split(f"({'|'.join(longest_first)})", text)
        return cls(key, tuple(found[::2]), tuple(names[value] for value in found[1::2]))

    def filled(self, values: Mapping[str, str]) -> Self:
        """Return the text with these places filled; the others stay."""
        pieces, names = [self.pieces[0]], []
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            if name in values:
                pieces[-1] += values[name] + piece
            else:
                pieces.append(piece)
                names.append(name)
        return type(self)(self.key, tuple(pieces), tuple(names))

    def complete(self, values: Mapping[str, str]) -> str:
        """Return the message; every place has a value."""
        between = [values[name] for name in self.names]
        return "".join(chain.from_iterable(zip(self.pieces, [*between, ""], strict=True)))


class Outbox:
    """Texts on their way to Redis: collected, then pushed in few commands."""

    def __init__(self) -> None:
        self._tags = _tags()
        self._texts: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, message: RedisText, values: dict[str, str]) -> None:
        """Take in a run's message; `values` are what stands within the quotes of JSON.

        The tag of its delivery is added to them.
        """
        values["delivery_tag"] = next(self._tags)
        self._texts[message.key].append(message.complete(values))

    def push(self, channel: Any) -> None:
        """Push all texts, each list's in their order, and forget them.

        Raises the transport's errors; what was pushed is uncertain then.
        """
        if not self._texts:
            return
        texts, self._texts = self._texts, defaultdict(list)
        with channel.conn_or_acquire() as client, client.pipeline(transaction=False) as commands:
            for key, of_key in texts.items():
                remaining = iter(of_key)
                while part := list(islice(remaining, VALUES_PER_COMMAND)):
                    commands.lpush(key, *part)
            commands.execute()


def _tags() -> Iterator[str]:
    """Yield texts that no other message has, in the form of a UUID as kombu's are.

    The first half is of 60 random bits and the second one counts from 63 others: asking the
    system for random bits for each message would cost as much as all the rest.
    """
    frame, first = token_hex(8), randbits(63)
    prefix = f"{frame[:8]}-{frame[8:12]}-4{frame[13:]}-"
    for number in count(first):
        digits = f"{number:016x}"
        yield f"{prefix}{digits[:4]}-{digits[4:]}"


def takes_texts(channel: Any) -> bool:
    """Return whether the channel is kombu's for Redis and puts messages as that does."""
    return isinstance(channel, redis.Channel) and type(channel)._put is redis.Channel._put  # noqa: SLF001


class _Recorder:
    """Stands where a channel of Redis would, and keeps the commands instead of giving them.

    It takes the part of kombu's own `PublishBatch`, to which the channel adds its commands.
    """

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self.commands: list[tuple[Any, ...]] = []

    def prepare_message(self, *args: Any, **options: Any) -> Any:
        return self._channel.prepare_message(*args, **options)

    def basic_publish(self, message: Any, exchange: str, routing_key: str, **_: Any) -> None:
        self._channel.basic_publish(message, exchange, routing_key, _publish_batch=self)

    def add(self, *command: Any) -> None:
        self.commands.append(command)
