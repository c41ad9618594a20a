"""What is in Redis: how many messages wait, and which arrive when."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from redis import Redis

from benchmarks.schedules import NAME_HEADER

QUEUE = "default"
LOOK_EVERY_SECONDS = 0.002
TAKEN_AT_ONCE = 1_000


class Arrival(NamedTuple):
    """A message that was taken from the queue, and when; instants are seconds since 1970."""

    at: float
    headers: dict[str, Any]

    @property
    def name(self) -> str:
        """The schedule's name; Punctual's messages do not carry it."""
        return str(self.headers.get(NAME_HEADER, ""))


def seen_at(count: int, queue: str, until: float, check: Callable[[], None]) -> float | None:
    """Return the instant at which so many messages wait, or None when it is later than `until`.

    `check` is called between the looks; it raises when waiting on makes no sense.
    """
    with Redis.from_url(settings.REDIS_URL) as client:
        while (now := time.time()) < until:
            if client.llen(queue) >= count:
                return now
            check()
            time.sleep(LOOK_EVERY_SECONDS)
    return None


def arrivals(until: float, check: Callable[[], None]) -> Iterator[Arrival]:
    """Take messages from the queue as soon as they are there; yield each with its instant.

    A blocking command wakes it up, so that the queue need not be polled.
    """
    with Redis.from_url(settings.REDIS_URL) as client:
        while time.time() < until:
            check()
            first = client.brpop([QUEUE], timeout=1)
            if first is None:
                continue
            rest = client.rpop(QUEUE, TAKEN_AT_ONCE) or []
            now = time.time()
            for text in (first[1], *rest):
                yield Arrival(now, json.loads(text)["headers"])
