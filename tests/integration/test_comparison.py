"""The comparison of all schedules finds every difference, a batch at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
from celery.app import app_or_default
from django.db import OperationalError, connection
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from beat.models import Beat, Timer
from beat.process import tick as ticking
from beat.process.tick import Ticker
from beat.reconcile import comparing
from beat.reconcile.comparing import ROUND_EVERY, Comparison, compare
from beat.reconcile.reconciling import reconcile
from beat.triggers import installing
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.integration.comparison_rounds import compare_all

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE_MINUTE = timedelta(minutes=1)
HALF_A_SECOND = timedelta(seconds=0.5)


def add(count: int, **values: Any) -> list[PeriodicTask]:
    """Return new schedules, due every minute and computed at noon."""
    rule = IntervalSchedule.objects.create(every=1, period="minutes")
    schedules: list[PeriodicTask] = PeriodicTask.objects.bulk_create(
        PeriodicTask(**{"name": f"S{number}", "task": "t", "interval": rule} | values)
        for number in range(count)
    )
    reconcile(NOON, count)
    return schedules


def edit(schedule: PeriodicTask) -> None:
    """Change when the schedule is due."""
    PeriodicTask.objects.filter(pk=schedule.pk).update(start_time=NOON)


def stale() -> set[int]:
    """Return the schedules whose timer is marked."""
    return set(Timer.objects.filter(is_stale=True).values_list("schedule_id", flat=True))


def test_nothing_is_found_where_the_triggers_saw_all() -> None:
    add(1)
    add(1, name="B", interval=None, crontab=CrontabSchedule.objects.create(minute="5"))
    assert compare_all(NOON) == 0


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_difference_is_found_wherever_it_is(limit: int, place: int) -> None:
    schedules = add(5)
    installing.remove(connection)
    edit(schedules[place])
    assert compare_all(NOON, limit) == 1
    assert stale() == {schedules[place].pk}
    reconcile(NOON)
    assert compare_all(NOON, limit) == 0


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_a_schedule_without_a_timer_gets_one(limit: int) -> None:
    add(1)
    installing.remove(connection)
    rule = IntervalSchedule.objects.get()
    new = [PeriodicTask.objects.create(name=f"New {n}", task="t", interval=rule) for n in range(3)]
    assert compare_all(NOON, limit) == 3
    assert stale() == {schedule.pk for schedule in new}
    assert reconcile(NOON) == 3
    assert compare_all(NOON, limit) == 0


def test_a_timer_of_a_clock_that_ran_ahead_is_brought_back() -> None:
    [schedule] = add(1)
    Timer.objects.update(due_at=NOON + timedelta(days=400))
    assert compare_all(NOON) == 1
    reconcile(NOON)
    assert Timer.objects.get(schedule=schedule).due_at == NOON + ONE_MINUTE


def test_a_schedule_that_meets_an_error_of_ours_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, *_ = add(3)

    def fail_for_one(due_at: datetime, row: Any, *_: Any) -> bool:
        if row.id == bad.pk:
            raise ZeroDivisionError("a defect")
        return False

    monkeypatch.setattr(comparing, "is_due_too_late", fail_for_one)
    assert compare_all(NOON, 2) == 1
    assert stale() == {bad.pk}
    assert "'exc_info': True" in caplog.text


def test_a_schedule_deleted_at_the_place_reached_does_no_harm() -> None:
    schedules = add(4)
    reached_id = schedules[1].pk
    assert compare(NOON, 0, 2) == (0, reached_id)
    schedules[1].delete()
    installing.remove(connection)
    edit(schedules[2])
    assert compare(NOON, reached_id, 2)[0] == 1
    assert stale() == {schedules[2].pk}


class Rounds:
    """A comparison of one schedule at a time, and the clock that it goes by."""

    def __init__(self) -> None:
        self.now = NOON
        self.comparison = Comparison()

    def pass_by(self, seconds: float) -> int:
        """Let so much time go by; return how many timers are marked then."""
        self.now += timedelta(seconds=seconds)
        return self.comparison.go_on(self.now, 1)


def test_each_batch_has_half_a_second_to_itself() -> None:
    schedules = add(3)
    installing.remove(connection)
    for schedule in schedules:
        edit(schedule)
    rounds = Rounds()
    assert [rounds.pass_by(seconds) for seconds in (0, 0, 0.4, 0.1, 0.5)] == [1, 0, 0, 1, 1]


def test_the_next_round_begins_ten_minutes_after_the_first_and_is_in_no_hurry() -> None:
    schedules = add(2)
    rounds = Rounds()
    assert [rounds.pass_by(0.5) for _ in range(4)] == [0] * 4
    installing.remove(connection)
    for schedule in schedules:
        edit(schedule)
    assert rounds.pass_by(60) == 0
    assert rounds.pass_by(ROUND_EVERY.total_seconds()) == 1
    assert [rounds.pass_by(seconds) for seconds in (0.5, 9, 1)] == [0, 0, 1]


def test_a_round_that_takes_longer_than_ten_minutes_goes_on_to_its_end() -> None:
    schedules = add(3)
    installing.remove(connection)
    edit(schedules[-1])
    rounds = Rounds()
    assert [rounds.pass_by(ROUND_EVERY.total_seconds()) for _ in range(3)] == [0, 0, 1]


def test_a_beat_that_restarts_begins_its_round_anew() -> None:
    schedules = add(2)
    installing.remove(connection)
    first = Rounds()
    assert first.pass_by(0) == 0
    for schedule in schedules:
        edit(schedule)
    second = Rounds()
    assert [second.pass_by(0.5), second.pass_by(0.5)] == [1, 1]


def test_a_batch_that_fails_is_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    [schedule] = add(1)
    installing.remove(connection)
    edit(schedule)
    rounds = Rounds()

    def fail(*_: object) -> NoReturn:
        raise OperationalError("the connection was lost")

    with monkeypatch.context() as broken:
        broken.setattr(comparing, "compare", fail)
        with pytest.raises(OperationalError):
            rounds.pass_by(0)
    assert rounds.pass_by(0.5) == 1


@pytest.fixture
def tick(broker: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], float]:
    """Return a beat's tick at a given instant; it compares one schedule at a time."""
    monkeypatch.setattr(ticking, "COMPARE_BATCH", 1)
    clock = [NOON]
    ticker = Ticker(app_or_default(), "host:1:abc", clock=lambda: clock[0])

    def tick_at(now: datetime) -> float:
        clock[0] = now
        return ticker.tick()

    return tick_at


@pytest.mark.django_db(transaction=True)
def test_what_falls_due_during_a_round_does_not_wait_for_its_end(
    tick: Callable[[datetime], float],
) -> None:
    schedules = add(5, task="reports.make")
    slower = IntervalSchedule.objects.create(every=2, period="minutes")
    installing.remove(connection)
    try:
        PeriodicTask.objects.filter(pk=schedules[-1].pk).update(interval=slower)
    finally:
        installing.install(connection)
    tick(NOON)
    due_at = NOON + ONE_MINUTE
    tick(due_at)
    # Two of five are compared by now: the edit of the last one has not been found yet.
    assert not Timer.objects.filter(definition="interval 2 minutes").exists()
    assert Run.objects.filter(state=State.QUEUED, due_at=due_at).count() == 5
    for step in range(1, 5):
        tick(due_at + step * HALF_A_SECOND)
    assert Timer.objects.get(definition="interval 2 minutes").schedule_id == schedules[-1].pk


@pytest.mark.django_db(transaction=True)
def test_a_comparison_that_fails_keeps_no_other_step_from_its_work(
    tick: Callable[[datetime], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(comparing, "compare", fail)
    add(1, task="reports.make")
    tick(NOON)
    tick(NOON + ONE_MINUTE)
    assert Run.objects.filter(state=State.QUEUED).count() == 1
    assert Beat.objects.get().last_tick_at == NOON + ONE_MINUTE


@pytest.mark.django_db(transaction=True)
def test_while_more_is_due_than_a_tick_can_take_nothing_is_compared(
    tick: Callable[[datetime], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[datetime] = []

    def note(now: datetime, *_: object) -> tuple[int, None]:
        compared.append(now)
        return 0, None

    monkeypatch.setattr(comparing, "compare", note)
    monkeypatch.setattr(ticking, "BATCH", 2)
    add(3, task="reports.make")
    assert tick(NOON + ONE_MINUTE) == 0
    assert compared == []
    tick(NOON + ONE_MINUTE)
    assert compared == [NOON + ONE_MINUTE]
