"""What waits for a beat is read by one statement; with nothing to do it asks nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery.app import app_or_default
from django.db import OperationalError
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from pytest_django import DjangoAssertNumQueries

from beat.models import Backfill, Timer
from beat.process import tick as ticking
from beat.process.tick import LONGEST_SLEEP_SECONDS, Ticker
from beat.process.waiting import NOTHING_WAITS_SECONDS, Waiting, look
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from scheduler_site.development.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


def a_schedule() -> PeriodicTask:
    """Return a schedule of every ten minutes."""
    rule = IntervalSchedule.objects.create(every=10, period="minutes")
    return PeriodicTask.objects.create(name="a schedule", task="tests.add", interval=rule)


def a_timer(due_at: datetime | None, **fields: Any) -> None:
    """Add a schedule whose timer has been computed."""
    Timer.objects.update_or_create(
        schedule=a_schedule(), defaults={"due_at": due_at, "is_stale": False, **fields}
    )


def a_run(publish_at: datetime, state: State = State.PENDING) -> None:
    """Add a run that waits to be published."""
    Run.objects.create(
        id=uuid4(),
        task="tests.add",
        kind=Kind.ADHOC,
        due_at=NOON,
        publish_at=publish_at,
        state=state,
    )


def test_nothing_waits_in_an_empty_ledger() -> None:
    waiting = look(NOON)
    assert waiting == Waiting(False, None, False, None, False)
    assert waiting.seconds_until_due(NOON) == NOTHING_WAITS_SECONDS


@pytest.mark.parametrize("seconds", [0, 0.25, 90])
def test_the_first_timer_is_told_to_the_microsecond(seconds: float) -> None:
    due_at = NOON + timedelta(seconds=seconds, microseconds=1)
    a_timer(due_at)
    waiting = look(NOON)
    assert waiting.first_due_at == due_at
    assert not waiting.is_due(NOON)
    assert waiting.is_due(due_at)


def test_a_timer_that_is_stale_is_to_be_reconciled_and_not_claimed() -> None:
    a_timer(NOON, is_stale=True)
    assert look(NOON) == Waiting(True, None, False, None, False)


def test_a_run_waits_from_its_instant_on() -> None:
    a_run(NOON)
    a_run(NOON + A_MINUTE)
    assert look(NOON) == Waiting(False, None, True, NOON + A_MINUTE, False)
    assert look(NOON - A_MINUTE) == Waiting(False, None, False, NOON, False)


def test_runs_that_were_sent_do_not_wait() -> None:
    a_run(NOON, State.QUEUED)
    assert not look(NOON).has_runs


def test_an_open_backfill_is_seen() -> None:
    backfill = Backfill.objects.create(
        schedule=a_schedule(), from_at=NOON, before_at=NOON + A_MINUTE, total=1, asked_at=NOON
    )
    assert look(NOON).has_backfills
    backfill.ended_at = NOON
    backfill.save()
    assert not look(NOON).has_backfills


def test_a_beat_that_has_nothing_to_do_asks_one_question(
    broker: RedisServer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ticker = Ticker(app_or_default(), "host:1:abc", clock=lambda: NOON)
    a_timer(NOON + A_MINUTE)
    # The first ticks also look after others, and compare all schedules with their timers.
    for _ in range(3):
        ticker.tick()
    with django_assert_num_queries(1):
        assert ticker.tick() == LONGEST_SLEEP_SECONDS


def test_a_beat_that_cannot_look_takes_every_step(
    broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_now: datetime) -> Waiting:
        raise OperationalError("the database is busy")

    monkeypatch.setattr(ticking, "look", fail)
    a_run(NOON)
    ticker = Ticker(app_or_default(), "host:1:abc", clock=lambda: NOON)
    assert ticker.tick() == LONGEST_SLEEP_SECONDS
    assert Run.objects.get().state == State.QUEUED


def test_a_run_that_waited_goes_out_in_the_same_tick_as_what_is_claimed(
    broker: RedisServer,
) -> None:
    a_timer(NOON, anchor_at=NOON)
    a_run(NOON - A_MINUTE)
    Ticker(app_or_default(), "host:1:abc", clock=lambda: NOON).tick()
    assert list(Run.objects.values_list("kind", "state").order_by("kind")) == [
        (Kind.ADHOC, State.QUEUED),
        (Kind.SCHEDULED, State.QUEUED),
    ]
