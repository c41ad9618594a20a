"""Several beats at once, one of them killed every second or so, or all: nothing lost or double.

The suite takes 6 seconds, one outage and 100 schedules of it; `FAULT_SECONDS=90
FAULT_SCHEDULES=500 FAULT_OUTAGES=3` with `TEST_DATABASE=postgresql` is the long run. A beat is
killed as soon as two tick and a second has passed since the last kill, so that one is left: how
often that is depends on how fast the machine starts a beat.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from jobs.runs.models import Run
from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import (
    Beats,
    add_schedules,
    assert_each_ran_once,
    largest_gap,
    occurrences_left_out,
    stop_schedules,
    tally_worker,
    wait_for_beats,
    wait_until_all_runs_end,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = int(os.environ.get("FAULT_SECONDS", "6"))
EVERY_SECONDS = 2
SCHEDULES = int(os.environ.get("FAULT_SCHEDULES", "100"))
KILL_EVERY = timedelta(seconds=1)
# Promised by the long run, on a machine that does nothing else; the short one has neighbours.
LARGEST_GAP = timedelta(seconds=3)
IS_LONG_RUN = SECONDS >= 90
OUTAGES = int(os.environ.get("FAULT_OUTAGES", "1"))
# Longer than an interval, so that each schedule has an occurrence in it.
OUTAGE = timedelta(seconds=4)


def kill_one_after_the_other(beats: Beats, ends_at: datetime) -> int:
    """Kill the beat that has ticked for longest, start another, and so on; return how many."""
    kills = 0
    while (began_at := timezone.now()) < ends_at:
        beats.kill_oldest_that_ticks()
        kills += 1
        next_at = began_at + KILL_EVERY
        wait_until(lambda at=next_at: timezone.now() >= at, "the next kill")  # type: ignore[misc]
    return kills


def test_beats_that_are_killed_again_and_again_lose_and_double_nothing(
    broker: RedisServer, tmp_path: Path
) -> None:
    count = 2 if connection.vendor == "sqlite" else 3
    with (
        tally_worker(broker.url, tmp_path / "worker.log"),
        Beats(count, broker.url, tmp_path) as beats,
    ):
        wait_for_beats(count)
        add_schedules(SCHEDULES, EVERY_SECONDS)
        kills = kill_one_after_the_other(beats, timezone.now() + timedelta(seconds=SECONDS))
        stopped_at = stop_schedules()
        wait_until_all_runs_end()
    print(f"{kills} kills, {Run.objects.count()} runs, largest gap {largest_gap()}")
    assert occurrences_left_out(EVERY_SECONDS, stopped_at) == []
    assert_each_ran_once(broker.url, SCHEDULES)
    if IS_LONG_RUN:
        assert largest_gap() < LARGEST_GAP
    assert "Traceback" not in beats.logs()


def test_all_beats_dead_at_once_lose_and_double_nothing(
    broker: RedisServer, tmp_path: Path
) -> None:
    count = 2 if connection.vendor == "sqlite" else 3
    with (
        tally_worker(broker.url, tmp_path / "worker.log"),
        Beats(count, broker.url, tmp_path) as beats,
    ):
        wait_for_beats(count)
        add_schedules(SCHEDULES, EVERY_SECONDS)
        outages = [outage_of_all(beats, count) for _ in range(OUTAGES)]
        stopped_at = stop_schedules()
        wait_until_all_runs_end()
    caught_up = [Run.objects.filter(due_at__range=outage).count() for outage in outages]
    print(f"{caught_up} runs caught up of {Run.objects.count()}, largest gap {largest_gap()}")
    assert min(caught_up) >= SCHEDULES
    assert occurrences_left_out(EVERY_SECONDS, stopped_at) == []
    assert_each_ran_once(broker.url, SCHEDULES)
    assert "Traceback" not in beats.logs()


def outage_of_all(beats: Beats, count: int) -> tuple[datetime, datetime]:
    """Kill every beat at work and start as many after a while; return from when until when."""
    before = Run.objects.count()
    wait_until(lambda: Run.objects.count() > before, "a beat to claim")
    beats.kill_all()
    began_at = timezone.now()
    ends_at = began_at + OUTAGE
    wait_until(lambda: timezone.now() >= ends_at, "the end of the outage")
    beats.start_again(count)
    return began_at, ends_at
