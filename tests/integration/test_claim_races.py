"""Races of claims with each other and with edits: two real connections, and the loser stops."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django_celery_beat.models import (
    CrontabSchedule,
    PeriodicTask,
)

from beat.claim import statements
from beat.claim.claiming import Claimed, claim, write_back
from beat.models import Timer
from beat.reconcile.reconciling import reconcile
from jobs.runs.models import Run
from tests.integration.due_schedules import NOON, many_minutely, minutely
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> "Future[Any]":
    """Start `work` on a connection of its own, which is closed at the end."""

    def with_connection() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(with_connection)


def test_four_beats_at_once_claim_each_occurrence_once() -> None:
    schedules = many_minutely(200)
    start = threading.Barrier(4)

    def claims() -> int:
        start.wait(timeout=30)
        taken = 0
        while got := claim(NOON + MINUTE, 30, threading.current_thread().name).timers:
            taken += got
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [in_thread(pool, claims) for _ in range(4)]
        total = sum(future.result(timeout=60) for future in taken)
    assert total == len(schedules)
    assert sorted(Run.objects.values_list("schedule_id", flat=True)) == sorted(
        schedule.pk for schedule in schedules
    )


def hold_before_insert(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Make the next claim stop inside of its transaction; return "reached" and "go on"."""
    reached, go_on = threading.Event(), threading.Event()
    insert = statements.insert_runs

    def held(rows: Any) -> Any:
        if not reached.is_set():
            reached.set()
            assert go_on.wait(timeout=30)
        return insert(rows)

    monkeypatch.setattr(statements, "insert_runs", held)
    return reached, go_on


def test_of_two_claims_on_the_same_timers_the_second_takes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    minutely()
    reached, go_on = hold_before_insert(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        winner = in_thread(pool, lambda: claim(NOON + MINUTE, 10, "winner"))
        assert reached.wait(timeout=30)
        loser = in_thread(pool, lambda: claim(NOON + MINUTE, 10, "loser"))
        if connection.vendor == "postgresql":
            # It is over while the winner is still in the middle: it waits for nobody.
            assert loser.result(timeout=30).timers == 0
        go_on.set()
        assert winner.result(timeout=30).timers == 1
        assert loser.result(timeout=30).timers == 0
    assert Run.objects.get().published_by == "winner"


def test_an_edit_during_a_claim_waits_and_is_not_lost_and_the_old_rule_fires_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schedule = minutely()
    hourly = CrontabSchedule.objects.create(minute="0", hour="*")
    reached, go_on = hold_before_insert(monkeypatch)

    def edit() -> None:
        PeriodicTask.objects.filter(pk=schedule.pk).update(interval=None, crontab=hourly)

    with ThreadPoolExecutor(2) as pool:
        claiming = in_thread(pool, lambda: claim(NOON + MINUTE, 10, "beat"))
        assert reached.wait(timeout=30)
        editing = in_thread(pool, edit)
        wait_until_blocked(editing)
        go_on.set()
        assert claiming.result(timeout=30).timers == 1
        editing.result(timeout=30)
    assert Timer.objects.get().is_stale
    assert claim(NOON + 2 * MINUTE, 10, "beat").timers == 0
    reconcile(NOON + 2 * MINUTE)
    assert Timer.objects.get().due_at == NOON + HOUR
    assert claim(NOON + 59 * MINUTE, 10, "beat").timers == 0
    assert Run.objects.count() == 1


def wait_until_blocked(editing: "Future[Any]") -> None:
    """Return when the edit waits for the claim's lock; SQLite does not tell."""
    assert not editing.done()
    if connection.vendor == "postgresql":
        wait_until(lambda: sessions_that_wait() == 1, "the edit to wait for the claim's lock")
    assert not editing.done()


def sessions_that_wait() -> int:
    """Return how many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        count: int = cursor.fetchone()[0]
        return count


def test_an_edit_that_is_not_committed_stops_neither_claim_nor_write_back() -> None:
    if connection.vendor == "sqlite":
        # SQLite has one writer at a time: there is nothing to wait around.
        return
    edited, free = minutely("edited"), minutely("free")
    claimed = claim(NOON + MINUTE, 10, "beat")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        PeriodicTask.objects.filter(pk=edited.pk).update(task="tests.edited")
        left = in_thread(pool, lambda: write_back(claimed, NOON + MINUTE)).result(timeout=30)
        other = in_thread(pool, lambda: claim(NOON + 2 * MINUTE, 10, "b")).result(timeout=30)
    assert (left.run_counts, other.run_counts) == ({edited.pk: 1}, {free.pk: 1})
    assert write_back(left, NOON + MINUTE) == Claimed()
    edited.refresh_from_db()
    assert (edited.total_run_count, edited.task) == (1, "tests.edited")
