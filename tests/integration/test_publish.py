"""Publishing: what is due goes to the broker, and counts as sent only when it has accepted it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from celery import signals
from django.db import connection, transaction
from kombu import Exchange, Queue

from beat.publish.broker import BrokerAwayError
from beat.publish.publishing import publish
from jobs.runs import publishing, transitions
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import (
    BEAT,
    NOW,
    make_run,
    make_schedule,
    messages,
    sent_ids,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


def publish_now(limit: int = 100, beat_name: str = BEAT) -> int:
    """Publish at NOW."""
    return publish(app, NOW, limit, beat_name)


def comparable(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message without the tag that every sending makes anew."""
    del message["properties"]["delivery_tag"]
    return message


@contextmanager
def configured(**changes: Any) -> Iterator[None]:
    """Set values of the Celery app's configuration inside of the block."""
    before = {name: app.conf[name] for name in changes}
    app.conf.update(changes)
    try:
        yield
    finally:
        app.conf.update(before)


def test_a_due_run_is_sent_and_then_queued(broker: RedisServer) -> None:
    run = make_run(args=[1, 2])
    assert publish_now() == 1
    assert sent_ids(broker) == [str(run.id)]
    run.refresh_from_db()
    assert (run.state, run.queued_at, run.publish_lease_until) == (State.QUEUED, NOW, None)
    assert publish_now() == 0
    assert len(sent_ids(broker)) == 1


def test_the_longest_waiting_are_sent_first_and_no_more_than_the_limit(
    broker: RedisServer,
) -> None:
    late = [make_run(minutes_late=minutes) for minutes in (1, 3, 2)]
    assert publish_now(limit=2) == 2
    assert sent_ids(broker) == [str(late[1].id), str(late[2].id)]


def test_a_run_is_not_sent_before_its_instant(broker: RedisServer) -> None:
    make_run(publish_at=NOW + timedelta(seconds=1))
    assert publish_now() == 0
    assert sent_ids(broker) == []


def test_a_run_that_another_beat_is_sending_is_left_to_it(broker: RedisServer) -> None:
    make_run(published_by="beat@two", publish_lease_until=NOW + timedelta(seconds=1))
    assert publish_now() == 0
    assert publish(app, NOW + timedelta(seconds=2), 100, BEAT) == 1


def test_a_run_that_the_claim_leased_to_this_beat_is_sent_at_once(broker: RedisServer) -> None:
    make_run(published_by=BEAT, publish_lease_until=NOW + timedelta(seconds=1))
    assert publish_now() == 1


OPTIONS: list[dict[str, Any]] = [
    {},
    {"args": [1, "two", None, {"three": [3.5]}], "kwargs": {"name": "Zoë", "deep": [[[[]]]]}},
    {"args": ["x" * 3000]},
    {"queue": "reports", "priority": 6},
    {"expires_at": NOW + timedelta(hours=1)},
    {"headers": {"tenant": "north", "nested": {"a": 1}}},
    {"time_limit_seconds": 60, "soft_time_limit_seconds": 50},
    {"attempt": 3, "published_by": BEAT},
    {"task": "unknown.to_this_process"},
    {"task": "cleanup.run", "kwargs": {"dry_run": True}},
]


def reference(run: Run) -> None:
    """Send what publishing is to send, by Celery's own send_task."""
    named: dict[str, Any] = {
        "queue": run.queue,
        "exchange": run.exchange,
        "routing_key": run.routing_key,
        "priority": run.priority,
        "expires": run.expires_at,
        "time_limit": run.time_limit_seconds,
        "soft_time_limit": run.soft_time_limit_seconds,
    }
    app.send_task(
        run.task,
        run.args,
        run.kwargs,
        task_id=str(run.id),
        headers={
            **run.headers,
            "periodic_task_name": run.schedule_name,
            "punctual_due_at": run.due_at.isoformat(),
            "punctual_attempt": run.attempt,
        },
        **{name: value for name, value in named.items() if value not in (None, "")},
    )


@pytest.mark.parametrize("in_full", [False, True])
@pytest.mark.parametrize("options", OPTIONS)
def test_a_message_equals_the_one_that_send_task_sends(
    broker: RedisServer, time_machine: Any, options: dict[str, Any], in_full: bool
) -> None:
    time_machine.move_to(NOW, tick=False)
    queue = options.get("queue") or "default"
    key = f"{queue}\x06\x166" if "priority" in options else queue
    # The first message of a batch is the template, the second a patched copy of it.
    runs = [make_run(minutes_late=minutes, **options) for minutes in (2, 1)]
    for run in Run.objects.filter(id__in=[run.id for run in runs]).order_by("due_at"):
        reference(run)
    expected = [comparable(message) for message in messages(broker, key)]
    broker.empty()
    with configured(task_send_sent_event=in_full):
        assert publish_now() == 2
    assert [comparable(message) for message in messages(broker, key)] == expected
    assert len(expected) == 2


def test_a_patched_message_takes_nothing_of_the_run_before_it(broker: RedisServer) -> None:
    make_run(minutes_late=3, expires_at=NOW + timedelta(hours=1), headers={"tenant": "north"})
    make_run(minutes_late=2, headers={"tenant": "north"})
    make_run(minutes_late=1)
    publish_now()
    seen = [
        (
            message["headers"].get("tenant"),
            message["headers"]["expires"],
            "expiration" in message["properties"],
        )
        for message in messages(broker)
    ]
    assert seen == [
        ("north", "2026-03-01T09:00:00+00:00", True),
        ("north", None, False),
        (None, None, False),
    ]


def test_a_run_goes_through_the_exchange_that_it_names(broker: RedisServer) -> None:
    weather = Exchange("weather", type="topic")
    with app.connection_for_write() as declaring:
        Queue("hourly", weather, "weather.hourly").bind(declaring.default_channel).declare()
    make_run(exchange="weather", routing_key="weather.hourly")
    lost = make_run(exchange="weather", routing_key="weather.daily")
    assert publish_now() == 2
    assert len(sent_ids(broker, "hourly")) == 1
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == (State.FAILED, "unpublishable")


def test_the_routes_of_the_app_apply_when_the_run_names_no_queue(broker: RedisServer) -> None:
    make_run(minutes_late=2)
    make_run(minutes_late=1, queue="named")
    with configured(task_routes={"tests.*": {"queue": "routed", "priority": 3}}):
        assert publish_now() == 2
    assert len(sent_ids(broker, "routed\x06\x163")) == 1
    assert len(sent_ids(broker, "named\x06\x163")) == 1


def test_a_router_that_looks_at_the_arguments_is_asked_for_each_run(broker: RedisServer) -> None:
    def route(name: str, args: list[str], *_: object, **__: object) -> dict[str, str]:
        return {"queue": args[0]}

    for queue in ("left", "right"):
        make_run(args=[queue])
    with configured(task_routes=(route,)):
        assert publish_now() == 2
    assert len(sent_ids(broker, "left")) == len(sent_ids(broker, "right")) == 1


def test_who_listens_to_before_task_publish_sees_every_message(broker: RedisServer) -> None:
    def add_header(headers: dict[str, Any], **_: object) -> None:
        headers["seen"] = headers["id"]

    runs = [make_run(minutes_late=minutes) for minutes in (2, 1)]
    signals.before_task_publish.connect(add_header)
    try:
        publish_now()
    finally:
        signals.before_task_publish.disconnect(add_header)
    seen = [message["headers"]["seen"] for message in messages(broker)]
    assert seen == [str(run.id) for run in runs]


def test_a_run_past_its_expiry_ends_as_expired(broker: RedisServer) -> None:
    run = make_run(minutes_late=5, expires_at=NOW)
    assert publish_now() == 1
    run.refresh_from_db()
    assert (run.state, run.reason, run.finished_at) == (State.EXPIRED, "expired", NOW)
    assert "expired before" in run.reason_text
    assert sent_ids(broker) == []


def test_a_run_without_a_possible_message_fails_and_stops_no_other(broker: RedisServer) -> None:
    good = [make_run(minutes_late=9), make_run(minutes_late=1)]
    no_queue = make_run(minutes_late=5, queue="nowhere")
    wrong_arguments = make_run(minutes_late=4, args="no list")
    no_exchange = make_run(minutes_late=3, exchange="nothing", routing_key="is.bound")
    queues: Any = app.amqp.queues
    queues.create_missing = False
    try:
        assert publish_now() == 5
    finally:
        queues.create_missing = True
    assert sent_ids(broker) == [str(run.id) for run in good]
    for broken in (no_queue, wrong_arguments, no_exchange):
        broken.refresh_from_db()
        assert (broken.state, broken.reason) == (State.FAILED, "unpublishable"), broken.reason_text
        assert "Correct the schedule's queue" in broken.reason_text


def test_a_broker_that_is_away_is_told_at_once_and_nothing_counts_as_sent(
    broker: RedisServer, no_pauses: None
) -> None:
    run = make_run()
    publish_now(limit=0)  # the pooled connection knows the Redis that is going to die
    broker.kill()
    try:
        for _ in range(15):  # more often than the pool has connections
            with pytest.raises(BrokerAwayError, match="cannot be reached"):
                publish_now()
        run.refresh_from_db()
        assert (run.state, run.publish_lease_until) == (State.PENDING, None)
    finally:
        broker.start()
    # A Redis that was killed may not have written down that it was emptied before this test.
    broker.empty()
    assert publish_now(beat_name="beat@two") == 1
    assert sent_ids(broker) == [str(run.id)]


def test_a_broker_that_refuses_writes_is_away_and_the_lease_is_given_back(
    broker: RedisServer,
) -> None:
    import redis

    run = make_run()
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory", "1")
        try:
            with pytest.raises(BrokerAwayError):
                publish_now()
        finally:
            client.config_set("maxmemory", "0")
    run.refresh_from_db()
    assert (run.state, run.publish_lease_until) == (State.PENDING, None)
    assert publish_now(beat_name="beat@two") == 1


def test_a_worker_that_was_quicker_than_the_ledger_keeps_its_run(broker: RedisServer) -> None:
    run = make_run()
    with transaction.atomic():
        [leased] = publishing.lease(NOW, 1, BEAT)
    assert start_in_a_thread(run.id)
    assert publishing.mark_queued([leased], NOW) == 0
    run.refresh_from_db()
    assert run.state == State.RUNNING


def start_in_a_thread(run_id: UUID) -> bool:
    """Start the run as a worker does, on a database connection of its own."""

    def start() -> bool:
        message = transitions.Message(run_id, "tests.add", 1, "", [], {}, "", "worker@host")
        try:
            return transitions.start(message, NOW) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(start).result()


def test_two_beats_at_once_send_each_run_once(broker: RedisServer) -> None:
    ids = {str(make_run(minutes_late=minutes).id) for minutes in range(40)}

    def publish_as(beat_name: str) -> int:
        try:
            return publish_now(beat_name=beat_name)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(publish_as, ["beat@one", "beat@two"]))
    assert sum(counts) == 40
    assert sorted(sent_ids(broker)) == sorted(ids)
    assert set(states()) == {State.QUEUED}


def test_a_run_that_the_index_refuses_stops_no_other(broker: RedisServer) -> None:
    schedule = make_schedule()
    make_run(minutes_late=2, schedule=schedule, state=State.RUNNING)
    refused = make_run(minutes_late=1, schedule=schedule)
    others = [make_run(minutes_late=0) for _ in range(7)]
    with transaction.atomic():
        leased = publishing.lease(NOW, 100, BEAT)
    assert publishing.mark_queued(leased, NOW) == len(others)
    refused.refresh_from_db()
    assert refused.state == State.PENDING


def test_of_two_runs_that_must_not_overlap_a_worker_starts_only_one() -> None:
    schedule = make_schedule()
    runs = [make_run(minutes_late=minutes, schedule=schedule) for minutes in (2, 1)]
    assert [start_in_a_thread(run.id) for run in runs] == [True, False]
    assert states() == [State.RUNNING, State.PENDING]


def test_what_the_ledger_does_not_hold_whole_is_never_sent_by_beat(
    broker: RedisServer,
) -> None:
    make_run(is_whole=False)
    assert publish_now() == 0
