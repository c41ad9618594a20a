"""Queued runs whose message died with a worker, and those whose message only waits."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis

from beat.publish.broker import BrokerAwayError
from beat.publish.publishing import publish
from beat.rescue.vanished_messages import Place, Sent, overtaken, rescue_vanished
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.held_runs import LEASE, make_held_run
from tests.integration.outgoing_runs import BEAT, NOW, make_run, sent_ids

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + 2 * LEASE
SECOND = timedelta(seconds=1)
PLACE = Place("default", None)


@pytest.fixture
def queued(broker: RedisServer) -> Run:
    """Return a run whose message lies in the broker since NOW."""
    run = make_run()
    assert publish(app, NOW, 100, BEAT) == 1
    run.refresh_from_db()
    return run


def take_message(broker: RedisServer) -> None:
    """Take the next message as a worker does that is killed before it starts it."""
    with redis.Redis.from_url(broker.url) as client:
        assert client.rpop("default")


def make_started(queued_at: datetime, **values: Any) -> Run:
    """Return a run that is running, and whose message was queued at the instant."""
    values = {"queued_at": queued_at, "started_at": LATER} | values
    return make_held_run(uuid4(), **values)


def state_of(run: Run) -> tuple[str, int]:
    run.refresh_from_db()
    return run.state, run.attempt


def test_a_message_that_waits_is_left_alone(broker: RedisServer, queued: Run) -> None:
    assert rescue_vanished(app, LATER, LEASE) == 0
    assert state_of(queued) == (State.QUEUED, 1)


def test_a_run_is_sent_again_when_its_queue_is_empty(broker: RedisServer, queued: Run) -> None:
    take_message(broker)
    assert rescue_vanished(app, NOW + LEASE, LEASE) == 0  # it may be on its way
    assert rescue_vanished(app, LATER, LEASE) == 1
    assert state_of(queued) == (State.PENDING, 1)
    assert publish(app, LATER, 100, BEAT) == 1
    assert sent_ids(broker) == [str(queued.id)]


def test_a_run_is_sent_again_when_later_messages_were_started_long_since(
    broker: RedisServer, queued: Run
) -> None:
    make_started(NOW + LEASE + SECOND)
    assert rescue_vanished(app, LATER, LEASE) == 1
    assert state_of(queued) == (State.PENDING, 1)


@pytest.mark.parametrize(
    "values",
    [
        {"queued_at": NOW + LEASE - SECOND},
        {"queued_at": LATER, "queue": "elsewhere"},
        {"queued_at": LATER, "priority": 3},
        {"queued_at": LATER, "state": State.QUEUED},
        {"queued_at": LATER, "published_by": ""},
    ],
)
def test_what_says_nothing_about_its_place_leaves_a_run_alone(
    broker: RedisServer, queued: Run, values: dict[str, Any]
) -> None:
    make_started(**values)
    assert rescue_vanished(app, LATER, LEASE) == 0
    assert state_of(queued) == (State.QUEUED, 1)


def test_a_started_message_that_has_ended_tells_too(broker: RedisServer, queued: Run) -> None:
    make_started(NOW + LEASE + SECOND, state=State.SUCCEEDED, finished_at=LATER)
    assert rescue_vanished(app, LATER, LEASE) == 1


def test_a_queue_that_never_was_is_empty(broker: RedisServer) -> None:
    run = make_run(state=State.QUEUED, queued_at=NOW, queue="nowhere")
    assert rescue_vanished(app, LATER, LEASE) == 1
    assert state_of(run) == (State.PENDING, 1)


def test_a_run_with_an_exchange_of_its_own_is_judged_by_later_ones_only(
    broker: RedisServer,
) -> None:
    run = make_run(state=State.QUEUED, queued_at=NOW, exchange="odd", routing_key="key")
    assert rescue_vanished(app, LATER, LEASE) == 0
    make_started(NOW + LEASE + SECOND, exchange="odd", routing_key="key")
    assert rescue_vanished(app, LATER, LEASE) == 1
    assert state_of(run) == (State.PENDING, 1)


def test_without_suspects_the_broker_is_not_asked(broker: RedisServer) -> None:
    broker.kill()
    assert rescue_vanished(app, LATER, LEASE) == 0
    make_run(state=State.QUEUED, queued_at=NOW)
    with pytest.raises(BrokerAwayError):
        rescue_vanished(app, LATER, LEASE)


def test_a_message_is_overtaken_only_by_more_than_a_lease() -> None:
    one = Sent(uuid4(), PLACE, NOW)
    assert overtaken([one], {PLACE: NOW + LEASE}, LEASE) == []
    assert overtaken([one], {PLACE: NOW + LEASE + SECOND}, LEASE) == [one]
    assert overtaken([one], {}, LEASE) == []
