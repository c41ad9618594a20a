"""Races of backfills and actions: two real connections, and the loser stops."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from beat.actions.backfill import backfill
from beat.actions.run_now import run_now
from beat.actions.skip_next import skip_next
from beat.backfills.going_on import go_on
from beat.backfills.instants import Span
from beat.claim.claiming import claim
from beat.models import Backfill, Policy, Timer
from jobs.runs.models import Run
from jobs.runs.states import Kind
from tests.integration.acting import COMMAND_LINE, every_minute

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 1, 1, tzinfo=UTC)


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """Do it so often at the same moment, each on a connection of its own."""
    start = threading.Barrier(count)

    def with_connection() -> Any:
        try:
            start.wait(timeout=30)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        asked = [pool.submit(with_connection) for _ in range(count)]
        return [one.result(timeout=60) for one in asked]


def test_several_beats_at_once_make_no_more_runs_than_there_is_room_for() -> None:
    schedule = every_minute()
    Policy.objects.create(schedule=schedule, overlap="allow")
    span = Span(START, START + timedelta(hours=1))
    backfill([schedule.pk], COMMAND_LINE, span, at_most=3)
    now = timezone.now()
    made = at_once(4, lambda: go_on(now))
    assert sum(made) == 3
    assert Run.objects.count() == 3
    assert Backfill.objects.get().occurrences.filter(run_id__isnull=False).count() == 3


def test_a_form_that_is_sent_by_two_requests_at_once_makes_one_run_and_one_backfill() -> None:
    schedule, token = every_minute(), uuid4()
    span = Span(START, START + timedelta(minutes=5))

    def ask() -> None:
        run_now([schedule.pk], COMMAND_LINE, token=token)
        backfill([schedule.pk], COMMAND_LINE, span, token=token)

    at_once(2, ask)
    assert Run.objects.filter(kind=Kind.MANUAL).count() == 1
    assert Backfill.objects.get().occurrences.count() == 5


def test_an_occurrence_is_either_skipped_or_claimed_and_never_both() -> None:
    schedule = every_minute(due_in_seconds=-1)
    due_at = Timer.objects.get().due_at
    assert due_at
    first = iter([True, False])
    lock = threading.Lock()

    def race() -> Any:
        with lock:
            is_first = next(first)
        if is_first:
            return len(skip_next([schedule.pk], COMMAND_LINE, due_at=due_at).made)
        return len(claim(timezone.now(), 10, "beat@one").run_counts)

    assert sum(at_once(2, race)) == 1
    assert Run.objects.filter(due_at=due_at).count() == 1
