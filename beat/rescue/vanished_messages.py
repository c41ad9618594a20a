"""Rescue of queued runs whose message is gone: it died with a worker between fetch and start.

No message is looked for in the broker. Two signs tell: a message that was queued later, in the
same place, has been started already; or the queue is empty. Either may be wrong, when a worker
holds the message in its hands (RabbitMQ gives out some in advance): then it is sent twice, which
is harmless, because the attempt is claimed once. It happens once per lease at the most.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from celery import Celery

from beat.publish.broker import broker_errors, connected_producer
from jobs.runs import losing
from jobs.runs.models import Run
from jobs.runs.states import State

BATCH = 1_000
NOT_FOUND = "404"

logger = structlog.get_logger(__name__)


class Place(NamedTuple):
    """Where the order of messages is kept: a queue, or what stands for one, and a priority."""

    queue: str
    priority: int | None


class Sent(NamedTuple):
    """A run whose message the broker took at `queued_at`."""

    id: UUID
    place: Place
    queued_at: datetime


def rescue_vanished(app: Celery, now: datetime, lease: timedelta) -> int:
    """Return how many queued runs are pending again, to be sent anew; raise BrokerAwayError.

    At most BATCH are looked at, those that wait for longest; usually there are none.
    """
    suspects = _suspects(app, now - lease)
    if not suspects:
        return 0
    gone = overtaken(suspects, _newest_started(app), lease)
    rest = [run for run in suspects if run not in gone]
    empty = _empty_queues(app, {run.place.queue for run in rest})
    gone += [run for run in rest if run.place.queue in empty]
    count = losing.send_again([run.id for run in gone], now - lease, now)
    if count:
        logger.warning("messages are gone; their runs are sent again", runs=count)
    return count


def overtaken(
    suspects: Iterable[Sent], newest_started: Mapping[Place, datetime], lease: timedelta
) -> list[Sent]:
    """Return those behind which, by more than a lease, a message of the same place was started."""
    return [
        run
        for run in suspects
        if run.place in newest_started and newest_started[run.place] - run.queued_at > lease
    ]


def _suspects(app: Celery, queued_before: datetime) -> list[Sent]:
    queued = Run.objects.filter(state=State.QUEUED, queued_at__lt=queued_before)
    return _read(app, queued.order_by("queued_at"))


def _newest_started(app: Celery) -> dict[Place, datetime]:
    """Return of each place the latest instant of queueing whose message was started.

    Those that run and the last ones that finished are enough: the others are older. A run that
    its worker recorded has the instant of that, and its message is older: it says nothing.
    """
    sent_by_beat = Run.objects.exclude(published_by="")
    began = sent_by_beat.filter(started_at__isnull=False, queued_at__isnull=False)
    finished = began.filter(finished_at__isnull=False)
    newest: dict[Place, datetime] = {}
    running = began.filter(state=State.RUNNING).order_by()
    for run in [*_read(app, running), *_read(app, finished.order_by("-finished_at"))]:
        newest[run.place] = max(run.queued_at, newest.get(run.place, run.queued_at))
    return newest


def _read(app: Celery, runs: Any) -> list[Sent]:
    columns = ("id", "task", "queue", "exchange", "routing_key", "priority", "queued_at")
    return [
        Sent(run.id, Place(_queue_of(app, run), run.priority), run.queued_at)
        for run in runs.only(*columns)[:BATCH]
    ]


def _queue_of(app: Celery, run: Run) -> str:
    """Return the queue of the run's message; with an exchange its name, which is no queue's."""
    if run.exchange or run.routing_key:
        return f"{run.exchange}/{run.routing_key}"
    if run.queue:
        return run.queue
    route = app.amqp.router.route({}, run.task)
    queue = route.get("queue")
    return str(getattr(queue, "name", queue) or app.conf.task_default_queue)


def _empty_queues(app: Celery, names: Iterable[str]) -> set[str]:
    """Return those queues that hold no message, or are not there at all."""
    with connected_producer(app) as producer:
        return {name for name in names if "/" not in name and _is_empty(producer, name)}


def _is_empty(producer: Any, name: str) -> bool:
    connection = producer.connection
    # Asking for what is not there closes a channel of RabbitMQ: each has one of its own.
    with broker_errors(connection), connection.channel() as channel:
        try:
            declared = channel.queue_declare(queue=name, passive=True)
        except connection.channel_errors as problem:
            # kombu's Redis transport tells the code as text.
            if str(getattr(problem, "reply_code", "")) == NOT_FOUND:
                return True
            raise
    return bool(declared.message_count == 0)
