"""Rescue: what Redis has forgotten is sent again, and nothing for ever."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery

from beat.publish.broker import BrokerAwayError
from beat.publish.publishing import publish
from beat.publish.rescue import CLOCK_DIFFERENCE, rescue
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import BEAT, NOW, make_run, sent_ids, states

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(seconds=10)
AFTERWARDS = LATER + CLOCK_DIFFERENCE


@pytest.fixture
def queued(broker: RedisServer) -> Run:
    """Return a run that a Redis known to beat has taken at NOW."""
    rescue(app, NOW - timedelta(minutes=1))
    run = make_run()
    assert publish(app, NOW, 100, BEAT) == 1
    return run


def test_while_redis_remembers_nothing_is_sent_again(queued: Run) -> None:
    assert rescue(app, LATER) == 0
    assert states() == [State.QUEUED]


def test_the_first_start_of_all_warns_of_nothing(
    broker: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    rescue(app, NOW)
    assert "broker is new to the ledger" in caplog.text
    assert {record.levelname for record in caplog.records} == {"INFO"}


def test_a_loss_of_what_was_queued_is_warned_of(
    broker: RedisServer, queued: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    broker.empty()
    rescue(app, LATER)
    [record] = caplog.records
    assert (record.levelname, "is sent again" in record.getMessage()) == ("WARNING", True)


def test_a_redis_that_was_emptied_gets_its_messages_again(broker: RedisServer, queued: Run) -> None:
    broker.empty()
    assert rescue(app, LATER) == 0  # notices; see CLOCK_DIFFERENCE
    assert rescue(app, AFTERWARDS) == 1
    queued.refresh_from_db()
    assert (queued.state, queued.reason, queued.attempt) == (State.PENDING, "broker_forgot", 1)
    assert publish(app, AFTERWARDS, 100, BEAT) == 1
    assert sent_ids(broker) == [str(queued.id)]


def test_a_redis_that_was_killed_may_have_lost_its_tail(broker: RedisServer, queued: Run) -> None:
    broker.kill()
    with pytest.raises(BrokerAwayError):
        rescue(app, LATER)
    broker.start()
    rescue(app, LATER)
    assert rescue(app, AFTERWARDS) == 1


def test_what_was_sent_again_is_not_sent_for_ever(broker: RedisServer, queued: Run) -> None:
    broker.empty()
    rescue(app, LATER)
    rescue(app, AFTERWARDS)
    publish(app, AFTERWARDS, 100, BEAT)
    assert rescue(app, AFTERWARDS + timedelta(hours=1)) == 0
    assert len(sent_ids(broker)) == 1


def test_a_run_that_was_sent_before_and_marked_after_is_found_too(
    broker: RedisServer, queued: Run
) -> None:
    broker.empty()
    rescue(app, LATER)
    rescue(app, AFTERWARDS)
    slow = make_run(minutes_late=1, state=State.QUEUED, queued_at=LATER - timedelta(seconds=1))
    assert rescue(app, AFTERWARDS) == 1
    slow.refresh_from_db()
    assert slow.state == State.PENDING


@pytest.mark.parametrize("state", [State.RUNNING, State.SUCCEEDED, State.PENDING])
def test_only_queued_runs_are_touched(broker: RedisServer, queued: Run, state: State) -> None:
    Run.objects.filter(id=queued.id).update(state=state)
    broker.empty()
    rescue(app, LATER)
    assert rescue(app, AFTERWARDS) == 0
    assert states() == [state]


def test_a_beat_that_starts_after_the_loss_knows_of_it(broker: RedisServer, queued: Run) -> None:
    broker.kill()
    broker.start()
    with Celery("fresh", broker=broker.url, set_as_current=False) as fresh:
        rescue(fresh, LATER)
        assert rescue(fresh, AFTERWARDS) == 1


def test_a_key_that_somebody_garbled_counts_as_gone(broker: RedisServer, queued: Run) -> None:
    import redis

    with redis.Redis.from_url(broker.url) as client:
        client.set("punctual:broker-life", "nonsense")
    rescue(app, LATER)
    assert rescue(app, AFTERWARDS) == 1


def test_other_brokers_are_left_alone(tmp_path: Path) -> None:
    make_run(state=State.QUEUED, queued_at=datetime.min.replace(year=2000, tzinfo=NOW.tzinfo))
    with Celery("elsewhere", broker="memory://", set_as_current=False) as elsewhere:
        assert rescue(elsewhere, NOW) == 0
    assert states() == [State.QUEUED]
