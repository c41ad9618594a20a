"""The scheduler ticks: due schedules become runs in Redis, and no failure stops the rest."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
from celery.app import app_or_default
from django.db import OperationalError, connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from redis import Redis

from beat.claim.claiming import Claimed, claim
from beat.models import Beat, Policy, Timer
from beat.process import tick as ticking
from beat.process.outage import Outage
from beat.process.tick import LONGEST_SLEEP_SECONDS, Ticker
from beat.publish.publishing import publish
from jobs.runs import publishing
from jobs.runs.models import Run
from jobs.runs.publishing import LEASE, Outgoing
from jobs.runs.states import Overlap, State
from scheduler_site.development.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Set it forward."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at noon."""
    return Clock()


@pytest.fixture
def ticker(broker: RedisServer, clock: Clock) -> Ticker:
    """Return the steps of a beat with this test's Redis and clock."""
    return Ticker(app_or_default(), "host:1:abc", clock=clock)


def add_schedules(count: int, seconds: int = 10, **fields: Any) -> list[PeriodicTask]:
    """Return new schedules that share an interval."""
    rule = IntervalSchedule.objects.create(every=seconds, period="seconds")
    return [
        PeriodicTask.objects.create(
            name=f"schedule {number}", task="tests.add", interval=rule, **fields
        )
        for number in range(count)
    ]


def messages(broker: RedisServer) -> list[dict[str, Any]]:
    """Return the headers of what waits in Redis, in the order of sending."""
    with Redis.from_url(broker.url) as client:
        return [json.loads(raw)["headers"] for raw in reversed(client.lrange("default", 0, -1))]


def test_what_is_due_becomes_a_message_whose_id_is_the_runs(
    ticker: Ticker, clock: Clock, broker: RedisServer
) -> None:
    [schedule] = add_schedules(1)
    ticker.tick()
    assert messages(broker) == []
    clock.advance(10)
    ticker.tick()
    [run] = Run.objects.all()
    [message] = messages(broker)
    assert (message["id"], message["task"]) == (str(run.id), "tests.add")
    assert (run.state, run.due_at) == (State.QUEUED, NOON + timedelta(seconds=10))
    schedule.refresh_from_db()
    assert (schedule.total_run_count, schedule.last_run_at) == (1, clock.now)


def test_it_sleeps_until_something_is_due_but_half_a_second_at_the_most(
    ticker: Ticker, clock: Clock
) -> None:
    add_schedules(1)
    assert ticker.tick() == LONGEST_SLEEP_SECONDS
    clock.advance(9.75)
    assert ticker.tick() == pytest.approx(0.25)


def test_it_does_not_sleep_while_more_is_due_than_it_took(
    ticker: Ticker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "BATCH", 2)
    add_schedules(3)
    ticker.tick()
    clock.advance(10)
    assert ticker.tick() == 0
    assert ticker.tick() > 0
    assert Run.objects.filter(state=State.QUEUED).count() == 3


def test_schedules_learn_that_they_ran_when_nothing_more_is_due_or_many_have_waited(
    ticker: Ticker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> int:
        count: int = PeriodicTask.objects.filter(total_run_count=1).count()
        return count

    add_schedules(6)
    ticker.tick()
    clock.advance(10)
    monkeypatch.setattr(ticking, "BATCH", 1)
    monkeypatch.setattr(ticking, "MOST_UNWRITTEN", 4)
    seen = []
    for _ in range(7):
        ticker.tick()
        seen.append(told())
    assert seen == [0, 0, 0, 4, 4, 4, 6]


def test_what_another_beat_has_sent_since_the_claim_is_not_sent_again(
    ticker: Ticker, clock: Clock, broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [schedule] = add_schedules(1)
    Policy.objects.create(schedule=schedule, overlap=Overlap.ALLOW)
    ticker.tick()
    clock.advance(10)

    def claim_slowly(*arguments: Any) -> Claimed:
        claimed = claim(*arguments)
        clock.advance(LEASE.total_seconds())
        publish(app_or_default(), clock.now, 10, "another")
        return claimed

    monkeypatch.setattr(ticking, "claim", claim_slowly)
    ticker.tick()
    assert len(messages(broker)) == 1


def test_what_it_has_just_claimed_is_sent_without_being_read_again(
    ticker: Ticker, clock: Clock, broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Outgoing] = []
    lease = publishing.lease

    def noted(*arguments: Any) -> list[Outgoing]:
        read.extend(runs := lease(*arguments))
        return runs

    add_schedules(3)
    ticker.tick()
    clock.advance(10)
    monkeypatch.setattr(publishing, "lease", noted)
    ticker.tick()
    assert (len(messages(broker)), read) == (3, [])


@pytest.mark.parametrize("step", ["reconcile", "claim", "publish", "rescue"])
def test_a_step_that_fails_keeps_no_other_from_its_work(
    ticker: Ticker, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("on purpose")

    add_schedules(1)
    ticker.tick()
    clock.advance(3600)
    with monkeypatch.context() as broken:
        broken.setattr(ticking, step, fail)
        ticker.tick()
        assert Beat.objects.get().last_tick_at == clock.now
    ticker.tick()
    assert Run.objects.filter(state=State.QUEUED).count() == 1


def test_while_the_broker_is_away_runs_wait_and_one_line_tells_the_end(
    ticker: Ticker,
    clock: Clock,
    broker: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for schedule in add_schedules(2):
        Policy.objects.create(schedule=schedule, overlap="allow")
    ticker.tick()
    broker.kill()
    for _ in range(3):
        clock.advance(10)
        ticker._broker._next_try_at = 0.0
        assert ticker.tick() > 0
    assert Run.objects.filter(state=State.PENDING).count() == 6
    broker.start()
    ticker._broker._next_try_at = 0.0
    ticker.tick()
    assert Run.objects.filter(state=State.QUEUED).count() == 6
    said = [record.getMessage() for record in caplog.records]
    assert sum("the broker is away" in line for line in said) == 1
    [end] = [line for line in said if "the broker is back" in line]
    assert "'runs_that_waited': 6" in end


def test_while_the_database_is_away_it_waits_longer_and_longer(
    ticker: Ticker,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse() -> NoReturn:
        raise OperationalError("connection refused")

    add_schedules(1)
    connection.close()
    with monkeypatch.context() as outage:
        outage.setattr(connection, "connect", refuse)
        assert [ticker.tick() for _ in range(6)] == [0.5, 1, 2, 4, 8, 10]
    ticker.tick()
    clock.advance(10)
    ticker.tick()
    assert Run.objects.filter(state=State.QUEUED).count() == 1
    said = [record.getMessage() for record in caplog.records]
    assert sum("the database is away" in line for line in said) == 1
    assert sum("the database is back" in line for line in said) == 1


def test_an_edit_is_in_force_at_the_next_tick_and_fires_nothing_of_the_past(
    ticker: Ticker, clock: Clock, broker: RedisServer
) -> None:
    [schedule] = add_schedules(1)
    ticker.tick()
    clock.advance(600)
    IntervalSchedule.objects.update(every=20)
    ticker.tick()
    assert messages(broker) == []
    assert Timer.objects.get(schedule=schedule).due_at == clock.now + timedelta(seconds=20)


def test_progress_is_written_every_two_seconds(ticker: Ticker, clock: Clock) -> None:
    ticker.tick()
    clock.advance(1)
    ticker.tick()
    assert Beat.objects.get().last_tick_at == NOON
    clock.advance(1)
    ticker.tick()
    assert Beat.objects.get().last_claim_at == NOON + timedelta(seconds=2)


def test_rows_of_beats_that_were_killed_are_forgotten_after_a_day(ticker: Ticker) -> None:
    for name, age in (("old", timedelta(days=2)), ("young", timedelta(hours=1))):
        at = NOON - age
        Beat.objects.create(name=name, host="h", pid=1, started_at=at, last_tick_at=at)
    ticker.tick()
    assert set(Beat.objects.values_list("name", flat=True)) == {"young", "host:1:abc"}


def test_the_pauses_of_an_outage_grow_and_begin_anew_with_the_next() -> None:
    outage = Outage("the thing", 1, 3, clock=lambda: 0.0)
    assert [outage.goes_on(OSError()) for _ in range(3)] == [1, 2, 3]
    assert [outage.is_under_way, outage.may_try] == [True, False]
    outage.is_over()
    assert [outage.is_under_way, outage.may_try] == [False, True]
    assert outage.goes_on(OSError()) == 1


def test_now_is_the_real_time_where_no_clock_is_given(broker: RedisServer) -> None:
    Ticker(app_or_default(), "host:1:abc").tick()
    assert abs(Beat.objects.get().last_tick_at - timezone.now()) < timedelta(minutes=1)
