"""Two at once on the same timers: no edit is lost, no work is done twice, nobody waits for ever."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Timer
from beat.reconcile import reconciling
from beat.reconcile.reconciling import reconcile
from tests.integration.comparison_rounds import compare_all
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=5)
WAIT_SECONDS = 20

Start = Callable[[Callable[[], Any]], "Future[Any]"]


@pytest.fixture
def in_second_connection() -> Iterator[Start]:
    """Return a function that starts a call in a thread with a connection of its own."""

    def with_own_connection(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        yield lambda call: pool.submit(with_own_connection, call)


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule that is due every minute; its timer is stale."""
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    return PeriodicTask.objects.create(name="Runs", task="t", interval=every_minute)


class Pause:
    """Holds reconcile after it has read the schedules and before it writes and commits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = Event(), Event()
        self._write = reconciling._write
        monkeypatch.setattr(reconciling, "_write", self._hold)

    def _hold(self, timers: Any) -> None:
        if timers:
            self.reached.set()
            assert self.go_on.wait(WAIT_SECONDS)
        self._write(timers)


def is_somebody_waiting_for_a_lock() -> bool:
    """Tell whether a connection of PostgreSQL waits for a row that another has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        [waiting] = cursor.fetchone()
    return bool(waiting)


def test_an_edit_between_the_reading_and_the_commit_is_not_lost(
    schedule: PeriodicTask,
    in_second_connection: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pause = Pause(monkeypatch)
    reconciling = in_second_connection(lambda: reconcile(NOON))
    assert pause.reached.wait(WAIT_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        editing = pool.submit(disable_all)
        if connection.vendor == "postgresql":
            wait_until(is_somebody_waiting_for_a_lock, "the edit to wait for reconcile")
        pause.go_on.set()
        assert reconciling.result(WAIT_SECONDS) == 1
        editing.result(WAIT_SECONDS)
    assert Timer.objects.get(schedule=schedule).is_stale
    monkeypatch.undo()
    assert reconcile(NOON) == 1
    assert Timer.objects.get(schedule=schedule).due_at is None


def disable_all() -> None:
    """Switch every schedule off, in a connection that is closed afterwards."""
    try:
        PeriodicTask.objects.update(enabled=False)
    finally:
        connection.close()


def test_a_second_reconcile_takes_nothing_that_the_first_has(
    schedule: PeriodicTask,
    in_second_connection: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pause = Pause(monkeypatch)
    first = in_second_connection(lambda: reconcile(NOON))
    assert pause.reached.wait(WAIT_SECONDS)
    if connection.vendor == "postgresql":
        # SQLite's second writer would wait for the first one's end.
        assert reconcile(LATER) == 0
    pause.go_on.set()
    assert first.result(WAIT_SECONDS) == 1
    assert reconcile(LATER) == 0
    assert Timer.objects.get(schedule=schedule).due_at == NOON + timedelta(minutes=1)


def test_an_edit_whose_transaction_is_rolled_back_marks_nothing(schedule: PeriodicTask) -> None:
    reconcile(NOON)
    with transaction.atomic():
        PeriodicTask.objects.update(enabled=False)
        transaction.set_rollback(True)
    assert reconcile(NOON) == 0


def test_two_reconciles_at_once_compute_each_timer_once(in_second_connection: Start) -> None:
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    PeriodicTask.objects.bulk_create(
        [PeriodicTask(name=f"S{number}", task="t", interval=every_minute) for number in range(300)]
    )
    other = in_second_connection(lambda: reconcile_all(7))
    counted = reconcile_all(7) + other.result(WAIT_SECONDS)
    # The first to find nothing ends early, so that what the other has locked may be left to it.
    assert counted == 300
    assert Timer.objects.filter(due_at=NOON + timedelta(minutes=1)).count() == 300


def reconcile_all(limit: int) -> int:
    """Reconcile until nothing is left to take; return how many timers were computed."""
    total = 0
    while count := reconcile(NOON, limit):
        total += count
    return total


def test_the_comparison_marks_no_timer_twice(
    schedule: PeriodicTask, in_second_connection: Start
) -> None:
    reconcile(NOON)
    Timer.objects.update(definition="of another rule")
    other = in_second_connection(lambda: compare_all(NOON))
    assert compare_all(NOON) + other.result(WAIT_SECONDS) == 1


# SQLite lets no second writer begin, so that there is nothing to show: the second call waits.
if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):

    def test_a_second_reconcile_does_not_wait_for_the_first(
        schedule: PeriodicTask,
        in_second_connection: Start,
    ) -> None:
        other = PeriodicTask.objects.create(name="Other", task="t", interval=schedule.interval)
        with transaction.atomic():
            locked = Timer.objects.select_for_update().filter(schedule=schedule)
            assert len(locked) == 1
            assert in_second_connection(lambda: reconcile(NOON)).result(WAIT_SECONDS) == 1
        assert Timer.objects.get(schedule=schedule).is_stale
        assert not Timer.objects.get(schedule=other).is_stale

    def test_reconcile_leaves_a_schedule_whose_edit_is_not_committed(
        schedule: PeriodicTask, in_second_connection: Start
    ) -> None:
        with transaction.atomic():
            PeriodicTask.objects.update(args="[1]")
            assert in_second_connection(lambda: reconcile(NOON)).result(WAIT_SECONDS) == 0
        assert reconcile(NOON) == 1

    def test_the_comparison_waits_for_no_timer_that_an_edit_holds(
        schedule: PeriodicTask, in_second_connection: Start
    ) -> None:
        reconcile(NOON)
        Timer.objects.update(definition="of another rule")
        with transaction.atomic():
            PeriodicTask.objects.update(args="[1]")
            assert in_second_connection(lambda: compare_all(NOON)).result(WAIT_SECONDS) == 0
        assert reconcile(NOON) == 1

    def test_the_comparison_waits_for_no_schedule_that_is_being_deleted(
        schedule: PeriodicTask, in_second_connection: Start
    ) -> None:
        Timer.objects.all().delete()
        with transaction.atomic():
            schedule.delete()
            assert in_second_connection(lambda: compare_all(NOON)).result(WAIT_SECONDS) == 0
        assert compare_all(NOON) == 0
