"""Messages that are filled in as texts are, byte for byte, those that kombu sends one by one."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis
from celery import signals
from django.db import transaction
from kombu import Exchange, Queue

from beat.publish import messages as making
from beat.publish.publishing import publish
from beat.publish.redis_texts import Outbox, RedisText
from jobs.runs import publishing
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import BEAT, NOW, make_run, make_schedule, sent_ids
from tests.integration.test_publish import OPTIONS

pytestmark = pytest.mark.django_db(transaction=True)

ODD = 'percent %s %(id)s %(body)s 100% quote " backslash \\ brace {} new\nline \u00e9 \u4e16'


def texts(broker: RedisServer) -> dict[str, list[str]]:
    """Return what each list of Redis holds, the oldest first, without the tags of sending."""
    with redis.Redis.from_url(broker.url) as client:
        lists = [key for key in client.scan_iter() if client.type(key) == b"list"]
        found = {key.decode(): client.lrange(key, 0, -1)[::-1] for key in lists}
    return {key: [without_tag(text.decode()) for text in those] for key, those in found.items()}


def without_tag(text: str) -> str:
    """Return the message without the tag that every sending makes anew."""
    without, count = re.subn(r'"delivery_tag": "[0-9a-f-]{36}"', '"delivery_tag": ""', text)
    assert count == 1
    return without


@contextmanager
def counted_texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield the lists to which texts are filled in, one entry per message."""
    keys: list[str] = []
    add = Outbox.add

    def counted(outbox: Any, message: Any, values: Any) -> None:
        keys.append(message.key)
        add(outbox, message, values)

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "add", counted)
        yield keys


def publish_again(runs: list[Run]) -> int:
    """Publish the runs once more at NOW."""
    Run.objects.filter(id__in=[run.id for run in runs]).update(
        state=State.PENDING, publish_lease_until=None
    )
    return publish(app, NOW, 100, BEAT)


@pytest.mark.parametrize(
    "options",
    [
        *OPTIONS,
        {"headers": {ODD: ODD}},
        {"schedule_name": ODD, "args": [ODD], "kwargs": {ODD: ODD}},
    ],
)
def test_a_filled_text_equals_the_message_that_kombu_sends(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    runs = [make_run(minutes_late=minutes, **options) for minutes in (4, 3, 2)]
    with counted_texts(monkeypatch) as filled:
        assert publish_again(runs) == 3
    assert len(filled) == 2  # The first one is the template.
    found = texts(broker)
    broker.empty()
    monkeypatch.setattr(making, "takes_texts", lambda _channel: False)
    assert publish_again(runs) == 3
    assert texts(broker) == found
    assert [len(those) for those in found.values()] == [3]


def test_runs_of_one_template_differ_in_all_that_is_theirs(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of two attempts each: the first of either is the template.
    for minutes in (6, 5, 4, 3):
        make_run(
            attempt=1 + minutes % 2,
            published_by=BEAT,
            minutes_late=minutes,
            args=[minutes],
            kwargs={"minutes": minutes},
            schedule_name=f"late {minutes}",
            expires_at=NOW + timedelta(minutes=minutes, milliseconds=1),
        )
    with counted_texts(monkeypatch) as filled:
        assert publish(app, NOW, 100, BEAT) == 4
    assert filled == ["default"] * 2
    found = [json.loads(text) for text in texts(broker)["default"]]
    headers = [message["headers"] for message in found]
    # What is filled in goes behind what kombu has sent itself.
    assert [one["argsrepr"] for one in headers] == ["[6]", "[5]", "[4]", "[3]"]
    assert [one["punctual_attempt"] for one in headers] == [1, 2, 1, 2]
    assert [one["kwargsrepr"] for one in headers] == [f"{{'minutes': {n}}}" for n in (6, 5, 4, 3)]
    assert [one["periodic_task_name"] for one in headers] == [f"late {n}" for n in (6, 5, 4, 3)]
    assert [one["expires"] for one in headers] == [
        f"2026-03-01T08:0{n}:00.001000+00:00" for n in (6, 5, 4, 3)
    ]
    expirations = [message["properties"]["expiration"] for message in found]
    assert expirations == ["360001", "300001", "240001", "180001"]


def test_every_message_has_a_tag_of_its_own(broker: RedisServer) -> None:
    for minutes in range(5):
        make_run(minutes_late=minutes)
    publish(app, NOW, 100, BEAT)
    with redis.Redis.from_url(broker.url) as client:
        sent = [json.loads(text) for text in client.lrange("default", 0, -1)]
    assert len({message["properties"]["delivery_tag"] for message in sent}) == 5


def test_texts_keep_their_order_within_and_beyond_one_command(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beat.publish.redis_texts.VALUES_PER_COMMAND", 2)
    runs = [make_run(minutes_late=minutes) for minutes in (9, 8, 7, 6, 5, 4)]
    publish(app, NOW, 100, BEAT)
    assert sent_ids(broker) == [str(run.id) for run in runs]


def test_a_message_for_two_queues_reaches_both_by_kombu(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = Exchange("news", type="direct")
    with app.connection_for_write() as declaring:
        for name in ("left", "right"):
            Queue(name, news, "all").bind(declaring.default_channel).declare()
    runs = [
        make_run(minutes_late=minutes, exchange="news", routing_key="all") for minutes in (2, 1)
    ]
    with counted_texts(monkeypatch) as filled:
        assert publish(app, NOW, 100, BEAT) == 2
    assert filled == []
    assert sent_ids(broker, "left") == sent_ids(broker, "right") == [str(run.id) for run in runs]


def test_a_prefix_of_all_keys_is_kept(broker: RedisServer) -> None:
    options = {"global_keyprefix": "site:"}
    outbox = Outbox()
    outbox.add(RedisText("default", ("", ""), ("id",)), {"id": "a message"})
    with app.connection_for_write(transport_options=options) as connection:
        outbox.push(connection.default_channel)
    with redis.Redis.from_url(broker.url) as client:
        assert client.lrange("site:default", 0, -1) == [b"a message"]


def test_a_listener_that_changes_the_arguments_changes_those_of_no_other_run(
    broker: RedisServer,
) -> None:
    shared: dict[str, list[str]] = {"seen": []}

    def change(body: Any, headers: dict[str, Any], **_: object) -> None:
        body[1]["seen"].append(headers["id"])

    runs = [make_run(minutes_late=minutes, kwargs=shared) for minutes in (2, 1)]
    held = [run._replace(kwargs=shared) for run in leased()]
    signals.before_task_publish.connect(change)
    try:
        publish(app, NOW, 100, BEAT, held)
    finally:
        signals.before_task_publish.disconnect(change)
    assert shared == {"seen": []}
    assert sent_ids(broker) == [str(run.id) for run in runs]


def leased() -> list[Any]:
    """Return the runs that wait, leased to this beat."""
    with transaction.atomic():
        return publishing.lease(NOW, 100, BEAT)


def test_runs_in_hand_are_sent_without_being_read_again(
    broker: RedisServer,
) -> None:
    runs = [make_run(minutes_late=late, schedule=make_schedule(f"{late}")) for late in (2, 1)]
    held = leased()
    assert publish(app, NOW, 100, BEAT, held) == 2
    assert sent_ids(broker) == [str(run.id) for run in runs]
    assert set(Run.objects.values_list("state", flat=True)) == {State.QUEUED}


def test_runs_in_hand_that_share_their_arguments_are_sent_as_others_are(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = {"args": [ODD], "kwargs": {ODD: 1}, "headers": {"x": ODD}}
    runs = [make_run(minutes_late=minutes, **arguments) for minutes in (4, 3, 2)]
    with counted_texts(monkeypatch) as filled:
        publish(app, NOW, 100, BEAT, [run._replace(**arguments) for run in leased()])
    assert len(filled) == 2
    found = texts(broker)
    broker.empty()
    publish_again(runs)
    assert texts(broker) == found


def test_only_the_runs_in_hand_are_sent_where_no_others_are_asked_for(broker: RedisServer) -> None:
    first, second = (make_run(minutes_late=minutes) for minutes in (2, 1))
    assert publish(app, NOW, 100, BEAT, leased()[:1], only_held=True) == 1
    assert sent_ids(broker) == [str(first.id)]
    second.refresh_from_db()
    assert second.state == State.PENDING


def test_an_earlier_run_that_this_beat_has_leased_is_in_the_way_of_one_in_hand(
    broker: RedisServer,
) -> None:
    schedule = make_schedule()
    earlier = make_run(minutes_late=2, schedule=schedule)
    make_run(minutes_late=1, schedule=schedule)
    held = leased()[1:]
    publish(app, NOW, 100, BEAT, held)
    assert sent_ids(broker) == [str(earlier.id)]
    assert list(Run.objects.order_by("due_at").values_list("state", flat=True)) == [
        State.QUEUED,
        State.SKIPPED,
    ]
