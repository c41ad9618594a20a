"""Which workers are silent, and what becomes of their runs."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from beat.rescue.silent_workers import NOBODYS_AFTER, Presence, rescue_silent
from jobs.runs.models import Attempt, Run, Worker
from jobs.runs.states import State
from jobs.runs.worker.liveness.own_row import forget_workers
from tests.integration.held_runs import LEASE, make_held_run, make_worker
from tests.integration.outgoing_runs import NOW

SECOND = timedelta(seconds=1)
LONG_AGO = NOW - timedelta(hours=1)


@pytest.mark.django_db
def test_the_runs_of_a_silent_worker_are_started_again_and_its_life_is_over() -> None:
    worker = make_worker(heartbeat_at=NOW - LEASE - SECOND)
    run = make_held_run(worker.id)
    assert rescue_silent(NOW, LEASE, LONG_AGO) == 1
    run.refresh_from_db()
    worker.refresh_from_db()
    assert (run.state, run.attempt, run.reason) == (State.PENDING, 2, "worker_silent")
    assert worker.stopped_at == NOW


@pytest.mark.django_db
def test_a_worker_that_was_heard_of_within_the_lease_keeps_its_runs() -> None:
    worker = make_worker(heartbeat_at=NOW - LEASE + SECOND, pool_seen_at=LONG_AGO)
    run = make_held_run(worker.id)
    assert rescue_silent(NOW, LEASE, LONG_AGO) == 0
    run.refresh_from_db()
    assert run.state == State.RUNNING


@pytest.mark.django_db
def test_nobody_is_robbed_before_the_database_has_been_there_for_a_lease() -> None:
    worker = make_worker(heartbeat_at=LONG_AGO)
    run = make_held_run(worker.id)
    assert rescue_silent(NOW, LEASE, known_since=NOW - LEASE + SECOND) == 0
    run.refresh_from_db()
    assert (run.state, Worker.objects.get().stopped_at) == (State.RUNNING, None)


@pytest.mark.django_db
def test_the_runs_of_a_worker_without_a_row_are_started_again() -> None:
    run = make_held_run(uuid4())
    assert rescue_silent(NOW, LEASE, LONG_AGO) == 1
    run.refresh_from_db()
    assert run.state == State.PENDING


@pytest.mark.django_db
def test_what_a_killed_beat_left_half_done_is_ended_by_the_next_one() -> None:
    worker = make_worker(heartbeat_at=LONG_AGO, stopped_at=NOW - SECOND)
    run = make_held_run(worker.id)
    assert rescue_silent(NOW, LEASE, LONG_AGO) == 1
    run.refresh_from_db()
    assert run.state == State.PENDING


@pytest.mark.django_db
def test_a_run_of_no_worker_is_left_alone_for_a_day_and_never_started_again() -> None:
    run = make_held_run(None)
    assert rescue_silent(NOW, LEASE, LONG_AGO) == 0
    assert run.started_at is not None
    assert rescue_silent(run.started_at + NOBODYS_AFTER + SECOND, LEASE, LONG_AGO) == 1
    run.refresh_from_db()
    assert (run.state, run.reason, run.attempt) == (State.LOST, "worker_unknown", 1)


@pytest.mark.django_db
def test_many_runs_are_taken_in_batches_until_none_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("beat.rescue.silent_workers.BATCH", 2)
    for _ in range(5):
        make_held_run(uuid4())
    assert rescue_silent(NOW, LEASE, LONG_AGO) == 5
    assert Run.objects.filter(state=State.PENDING, attempt=2).count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_start_each_run_again_once() -> None:
    for _ in range(30):
        make_held_run(uuid4())
    counts: list[int] = []
    barrier = Barrier(2)

    def one_beat() -> None:
        barrier.wait()
        try:
            counts.append(rescue_silent(NOW, LEASE, LONG_AGO))
        finally:
            connection.close()

    both(one_beat)
    assert sum(counts) == 30
    assert Run.objects.filter(state=State.PENDING, attempt=2, losses=1).count() == 30
    assert Attempt.objects.count() == 30


def both(work: Callable[[], None]) -> None:
    """Do the work in two threads at once."""
    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_database_is_there_since_the_last_gap() -> None:
    presence = Presence(longest_gap=15 * SECOND)
    assert presence.seen(NOW) == NOW
    assert presence.seen(NOW + 10 * SECOND) == NOW
    assert presence.seen(NOW + 40 * SECOND) == NOW + 40 * SECOND
    assert presence.seen(NOW + 50 * SECOND) == NOW + 40 * SECOND


def test_a_clock_that_was_set_back_begins_the_presence_anew() -> None:
    presence = Presence(longest_gap=15 * SECOND)
    presence.seen(NOW)
    assert presence.seen(NOW - SECOND) == NOW - SECOND


@pytest.mark.django_db
def test_rows_of_workers_that_ended_long_ago_are_forgotten_in_batches() -> None:
    for _ in range(3):
        make_worker(stopped_at=LONG_AGO)
    kept = [make_worker(stopped_at=NOW), make_worker(heartbeat_at=LONG_AGO)]
    assert [forget_workers(NOW, 2), forget_workers(NOW, 2), forget_workers(NOW, 2)] == [2, 1, 0]
    assert set(Worker.objects.values_list("id", flat=True)) == {worker.id for worker in kept}
