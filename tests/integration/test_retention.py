"""Runs and what belongs to them, deleted when their time has come."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from pytest_django import Settings

from beat import retention
from beat.models import Policy
from beat.retention import old_runs
from jobs.cleanup.applying import Applied, apply_all
from jobs.cleanup.policies import assignments
from jobs.runs.deleting import delete_ended
from jobs.runs.models import Attempt, Once, Run, RunLog, Worker
from jobs.runs.models.attempt import Outcome
from jobs.runs.retention import KEY_DAYS, ended_workers, old_keys
from jobs.runs.states import State

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
DAY = timedelta(days=1)

either_database = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def days(settings: Settings) -> None:
    """Keep runs for 90 days and failures for 180 where no policy says anything."""
    settings.RUN_RETENTION_DAYS, settings.RUN_FAILURE_RETENTION_DAYS = 90, 180


def ended(days_ago: float, state: State = State.SUCCEEDED, **facts: Any) -> Run:
    """Return a run that was due and ended so long ago."""
    at = NOW - days_ago * DAY
    values = {"id": uuid4(), "task": "sales.export", "due_at": at, "publish_at": at}
    return Run.objects.create(**values | {"finished_at": at, "state": state} | facts)


def schedule(name: str, **policy: Any) -> PeriodicTask:
    """Return a schedule with a policy of these values, without one when there are none."""
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period="days")
    made: PeriodicTask = PeriodicTask.objects.create(name=name, task="t", interval=every)
    if policy:
        Policy.objects.create(schedule=made, **policy)
    return made


def cleaned_up() -> Applied:
    """Apply the rule as the task does."""
    [applied] = apply_all(
        [each for each in assignments() if each.name == "run history"], NOW, dry_run=False
    )
    return applied


def ages_left() -> list[int]:
    """Return how many days ago the runs that are left ended."""
    finished = Run.objects.order_by("-finished_at").values_list("finished_at", flat=True)
    return [(NOW - at).days for at in finished if at is not None]


@either_database
def test_old_runs_go_failures_later_and_those_under_way_never() -> None:
    for days_ago in (89, 91):
        ended(days_ago)
    for days_ago in (179, 181):
        ended(days_ago, State.FAILED)
    under_way = ended(1000, State.RUNNING, finished_at=None)
    assert [batch.count for batch in old_runs(NOW, 10, True)] == [2]
    assert Run.objects.count() == 5, "a dry run deletes nothing"
    applied = cleaned_up()
    assert (applied.count, applied.is_complete) == (2, True)
    assert applied.examples[0].startswith("sales.export at 2026-")
    assert ages_left() == [89, 179]
    assert Run.objects.filter(id=under_way.id).exists()


@either_database
def test_a_policy_keeps_the_runs_of_its_schedule_shorter_or_longer() -> None:
    short = schedule("Short", runs_kept_days=7, failures_kept_days=30, runs_kept_at_least=0)
    long = schedule("Long", runs_kept_days=365, runs_kept_at_least=0)
    for days_ago in (6, 8):
        ended(days_ago, schedule=short)
    for days_ago in (29, 31):
        ended(days_ago, State.LOST, schedule=short)
    for days_ago in (364, 366):
        ended(days_ago, State.FAILED, schedule=long)
    assert cleaned_up().count == 3
    assert ages_left() == [6, 29, 364]


@either_database
def test_the_last_runs_of_a_schedule_stay_also_without_a_policy() -> None:
    plain, three = schedule("Plain"), schedule("Three", runs_kept_at_least=3)
    for number in range(12):
        ended(200 + number, schedule=plain)
        ended(300 + number, schedule=three)
    cleaned_up()
    assert ages_left() == [*range(200, 210), *range(300, 303)]


@either_database
def test_runs_of_a_deleted_schedule_go_by_the_settings() -> None:
    gone = schedule("Gone", runs_kept_days=365)
    ended(91, schedule=gone)
    gone.delete()
    assert cleaned_up().count == 1


@either_database
def test_windows_that_end_between_equals_miss_no_run_and_repeat_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "READ_AT_ONCE", 4)
    kept = schedule("Kept", runs_kept_at_least=100)
    for number in range(10):
        # All end at the same two instants, so that windows end between equals.
        ended(200 + number % 2, schedule=kept)
        ended(200 + number % 2)
    assert sum(batch.count for batch in old_runs(NOW, 3, False)) == 10
    assert set(Run.objects.values_list("schedule", flat=True)) == {kept.pk}


@either_database
def test_attempts_and_logs_go_with_their_run_and_children_and_keys_stay() -> None:
    run = ended(91)
    child = ended(1, parent=run)
    Attempt.objects.create(run=run, number=1, outcome=Outcome.FAILED, ended_at=NOW)
    RunLog.objects.create(run=run, attempt=1, text="reading")
    Once.objects.create(key="mail", run=run, begun_at=NOW)
    assert cleaned_up().count == 1
    assert (Attempt.objects.count(), RunLog.objects.count(), Once.objects.count()) == (0, 0, 1)
    assert Run.objects.get().parent_id == child.parent_id == run.id


@either_database
def test_a_run_that_is_under_way_again_is_not_deleted() -> None:
    run = ended(91, State.RUNNING)
    assert delete_ended([run.id]) == 0
    assert Run.objects.filter(id=run.id).exists()


@committed
def test_two_cleanups_at_once_delete_each_run_once() -> None:
    for number in range(200):
        ended(91 + number)

    def clean(_: int) -> int:
        try:
            return sum(batch.count for batch in old_runs(NOW, 7, False))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(clean, range(2))) == 200
    assert not Run.objects.exists()


@committed
def test_a_run_that_somebody_holds_is_left_and_nobody_waits_for_it() -> None:
    if connection.vendor != "postgresql":
        # SQLite locks no rows: there the second transaction begins when the first has ended.
        return
    held, free = ended(91), ended(91)
    is_held, may_end = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Run.objects.select_for_update().get(id=held.id)
                is_held.set()
                may_end.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        try:
            assert is_held.wait(30)
            assert delete_ended([held.id, free.id]) == 1
        finally:
            may_end.set()
        holding.result()
    assert list(Run.objects.all()) == [held]


@committed
def test_beat_and_workers_go_on_while_runs_are_deleted() -> None:
    at = NOW - 91 * DAY
    Run.objects.bulk_create(
        Run(
            id=uuid4(),
            task="sales.export",
            state=State.SUCCEEDED,
            due_at=at,
            publish_at=at,
            finished_at=at,
        )
        for _ in range(3_000)
    )
    is_over = Event()

    def live() -> list[UUID]:
        """Insert and end runs, as beat and workers do, until the deletion is over."""
        ids: list[UUID] = []
        try:
            while not is_over.is_set():
                run = ended(0, State.QUEUED, finished_at=None, task="live")
                queued = Run.objects.filter(id=run.id, state=State.QUEUED)
                assert queued.update(state=State.RUNNING, started_at=NOW) == 1
                running = Run.objects.filter(id=run.id, state=State.RUNNING)
                assert running.update(state=State.SUCCEEDED, finished_at=NOW) == 1
                ids.append(run.id)
        finally:
            connection.close()
        return ids

    with ThreadPoolExecutor(1) as pool:
        living = pool.submit(live)
        try:
            deleted = cleaned_up().count
        finally:
            is_over.set()
        lived = living.result()
    assert deleted == 3_000
    assert len(lived) >= 3, "some ended between two batches"
    assert set(Run.objects.values_list("id", flat=True)) == set(lived)


def lives() -> Iterator[Worker]:
    """Yield a worker that works, one that has just ended, and one that ended long ago."""
    for number, ended_days_ago in enumerate((None, 6, 8)):
        at = NOW - 100 * DAY
        yield Worker(
            id=uuid4(),
            name=f"celery@{number}",
            host="host",
            pid=1,
            concurrency=1,
            version="1",
            started_at=at,
            heartbeat_at=at,
            pool_seen_at=at,
            stopped_at=None if ended_days_ago is None else NOW - ended_days_ago * DAY,
        )


@either_database
def test_workers_that_ended_long_ago_are_forgotten() -> None:
    Worker.objects.bulk_create(lives())
    assert ended_workers(NOW, 10, True).count == 1
    assert Worker.objects.count() == 3
    assert ended_workers(NOW, 10, False).examples == ["celery@2"]
    assert set(Worker.objects.values_list("name", flat=True)) == {"celery@0", "celery@1"}


@either_database
def test_keys_of_side_effects_stay_as_long_as_a_run_can_be_started_again() -> None:
    for name, days_ago in (("old", KEY_DAYS + 1), ("new", KEY_DAYS - 1)):
        Once.objects.create(key=name, begun_at=NOW - days_ago * DAY)
    assert old_keys(NOW, 10, True).count == 1
    assert old_keys(NOW, 10, False).count == 1
    assert Once.objects.get().key == "new"
