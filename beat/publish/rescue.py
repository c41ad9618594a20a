"""Rescue: send again what the broker has forgotten.

Redis that was killed, emptied or replaced by a replica may have lost messages of which the
ledger says "queued". A key in Redis tells: it holds Redis' own `run_id` (new with every start)
and the instant since which this life of Redis is known. The key being gone, or of another
`run_id`, begins a new life; every run that was queued before it is sent again. That needs no
memory in beat: whichever beat looks first writes the key, and all others agree.

Sending again what was not lost is harmless: the attempt is claimed once. A message that was
taken from the queue and died with its worker before it started is not found by this.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery import Celery
from redis import Redis
from redis.exceptions import NoPermissionError

from beat.publish.broker import broker_errors, connected_producer
from jobs.runs import publishing
from jobs.runs.models import Run
from jobs.runs.states import State

LIFE_KEY = "punctual:broker-life"
# A beat on another machine may have an earlier clock by so much.
CLOCK_DIFFERENCE = timedelta(seconds=2)
BATCH = 5_000

logger = structlog.get_logger(__name__)


def rescue(app: Celery, now: datetime) -> int:
    """Return how many queued runs are pending again; raise BrokerAwayError.

    What a new life begins with is brought back CLOCK_DIFFERENCE later, by a later call. Two
    beats at once may send a message twice, never lose one. Does nothing but on Redis: other
    brokers keep their queues.
    """
    with connected_producer(app) as producer:
        if producer.connection.transport.driver_type != "redis":
            logger.debug("no rescue: only Redis forgets its queues")
            return 0
        with broker_errors(producer.connection):
            since = _alive_since(producer, now)
    # Not earlier: what is sent again must not look as if it had been queued before.
    return _bring_back(since) if now >= since else 0


def _alive_since(producer: Any, now: datetime) -> datetime:
    """Return the instant since which this Redis is known not to have lost anything."""
    channel = producer.channel
    key = f"{channel.global_keyprefix}{LIFE_KEY}"
    with channel.conn_or_acquire() as client:
        run_id = _run_id(client)
        known = _parsed(client.get(key))
        if known is not None and known[0] == run_id:
            return known[1]
        since = now + CLOCK_DIFFERENCE
        client.set(key, f"{run_id} {since.isoformat()}")
    _tell_of_new_life()
    return since


def _tell_of_new_life() -> None:
    if Run.objects.filter(state=State.QUEUED).exists():
        logger.warning("broker restarted or empty: what was queued is sent again")
    else:
        # As at the first start of all.
        logger.info("broker is new to the ledger, and nothing was queued")


def _run_id(client: Redis) -> str:
    """Return the id of this start of the server; a constant where INFO is not allowed."""
    try:
        return str(client.info("server")["run_id"])
    except (NoPermissionError, KeyError):
        return "unknown"


def _parsed(value: bytes | str | None) -> tuple[str, datetime] | None:
    text = value.decode() if isinstance(value, bytes) else value or ""
    run_id, _, since = text.partition(" ")
    try:
        return run_id, datetime.fromisoformat(since).astimezone(UTC)
    except ValueError:
        return None


def _bring_back(queued_before: datetime) -> int:
    total = 0
    while count := publishing.bring_back(queued_before, BATCH):
        total += count
    if total:
        logger.warning("runs are sent again", runs=total)
    return total
