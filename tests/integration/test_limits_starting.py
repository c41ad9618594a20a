"""Limits at a worker: calls that beat has not sent are let go, or wait in the ledger."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from jobs.runs import limits, transitions
from jobs.runs.models import Run
from jobs.runs.states import WAITS_FOR_RATE, WAITS_FOR_SLOT, State
from jobs.runs.transitions import Message
from tests.integration.limited_tasks import admit, feed_run, held_slots
from tests.integration.outgoing_runs import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def received(task: str = "tests.fetch_feed", feed_id: int = 7, **values: Any) -> Message:
    """Return the message of an ad-hoc call that a worker has recorded."""
    args = [feed_id] if task == "tests.fetch_feed" else []
    message = Message(uuid4(), task, 1, "", args, {}, "default", "worker@host")
    transitions.record(message, NOW)
    Run.objects.filter(id=message.run_id).update(**{"is_whole": True, **values})
    return message


def asked(message: Message) -> datetime | None:
    """Ask for admission at NOW."""
    return limits.admit_started(message, NOW)


def test_a_call_without_limits_may_start() -> None:
    assert asked(received("tests.unlimited")) is None


def test_a_third_call_of_a_key_waits_and_the_others_hold_their_slots() -> None:
    messages = [received() for _ in range(3)]
    assert [asked(message) for message in messages] == [None, None, NOW]
    assert held_slots() == [0, 1]
    third = Run.objects.get(id=messages[2].run_id)
    assert (third.state, third.reason, third.concurrency_key) == (
        State.PENDING,
        WAITS_FOR_SLOT,
        "feed:7",
    )
    assert third.reason_text == 'It waits: 2 runs of "feed:7" are under way, and at most 2 may be.'
    assert transitions.start(messages[0], NOW)
    assert held_slots() == [0, 1]


def test_calls_and_scheduled_runs_share_the_slots() -> None:
    admit(feed_run(), feed_run())
    assert asked(received()) == NOW
    assert asked(received(feed_id=8)) is None


def test_a_message_that_arrives_again_takes_no_second_slot() -> None:
    message = received()
    assert [asked(message) for _ in range(3)] == [None, None, None]
    assert held_slots() == [0]


def test_a_run_that_has_moved_on_is_left_to_the_start() -> None:
    message = received(state=State.RUNNING)
    assert asked(message) is None
    assert held_slots() == []


def test_calls_beyond_the_rate_wait_for_their_instant() -> None:
    messages = [received("tests.call_api") for _ in range(3)]
    later = [NOW + timedelta(seconds=seconds) for seconds in (1, 2)]
    assert [asked(message) for message in messages] == [None, *later]
    run = Run.objects.get(id=messages[2].run_id)
    assert (run.state, run.reason, run.publish_at) == (State.PENDING, WAITS_FOR_RATE, later[1])


def test_what_the_ledger_could_not_send_again_starts_above_its_limit_and_is_not_lost() -> None:
    messages = [received(is_whole=False) for _ in range(3)]
    assert [asked(message) for message in messages] == [None, None, None]
    assert held_slots() == [0, 1]
    assert transitions.start(messages[2], NOW)


def test_of_many_calls_at_once_as_many_start_as_there_are_slots() -> None:
    messages = [received() for _ in range(8)]
    start = threading.Barrier(4)

    def worker(number: int) -> list[datetime | None]:
        try:
            start.wait(timeout=30)
            return [asked(message) for message in messages[number::4]]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = [answer for part in pool.map(worker, range(4)) for answer in part]
    assert answers.count(None) == 2
    assert held_slots() == [0, 1]
    assert Run.objects.filter(reason=WAITS_FOR_SLOT, state=State.PENDING).count() == 6
