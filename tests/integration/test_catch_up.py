"""Beat off for five minutes of injected time: exactly the rows that each policy says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.claim.claiming import claim
from beat.models import CatchUp, Policy, Timer
from beat.publish.publishing import publish
from beat.reconcile.reconciling import reconcile
from jobs.runs import transitions
from jobs.runs.models import Run
from jobs.runs.states import Overlap, State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Beat claims 12:01, is off until 12:06 and a bit, and goes on then.
BACK_AT = NOON + 6 * MINUTE + 10 * SECOND


def off_for_five_minutes(**policy: Any) -> None:
    """Leave the rows of a minutely schedule whose beat was off for five minutes."""
    interval = IntervalSchedule.objects.create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(name="minutely", task="tests.add", interval=interval)
    Policy.objects.create(schedule=schedule, **policy)
    reconcile(NOON)
    for now in (NOON + MINUTE, BACK_AT, BACK_AT + SECOND, NOON + 7 * MINUTE):
        claim(now, 10, "beat")


def rows() -> list[tuple[str, float, int]]:
    """Return state, minute and count of each row by its due instant."""
    return [
        (run.state, (run.due_at - NOON) / MINUTE, run.missed_count)
        for run in Run.objects.order_by("due_at")
    ]


def test_latest_runs_the_newest_and_records_four_as_missed() -> None:
    off_for_five_minutes(catch_up=CatchUp.LATEST)
    assert rows() == [("pending", 1, 0), ("missed", 2, 4), ("pending", 6, 0), ("pending", 7, 0)]
    missed = Run.objects.get(state="missed")
    assert missed.missed_until == NOON + 5 * MINUTE
    assert missed.finished_at == BACK_AT
    assert "4 occurrences were missed from 2026-03-01 12:02:00 UTC" in missed.reason_text


def test_all_runs_each_at_its_pace() -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL, catch_up_pace_seconds=5)
    assert rows() == [("pending", minute, 0) for minute in range(1, 8)]
    caught_up = Run.objects.order_by("due_at")[1:6]
    assert [run.publish_at - BACK_AT for run in caught_up] == [5 * n * SECOND for n in range(5)]
    assert [run.publish_lease_until is None for run in caught_up] == [False, *[True] * 4]


def test_all_within_its_limit_records_the_rest_as_missed() -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL, catch_up_limit=2)
    assert rows() == [
        ("pending", 1, 0),
        ("missed", 2, 3),
        ("pending", 5, 0),
        ("pending", 6, 0),
        ("pending", 7, 0),
    ]


@pytest.mark.parametrize("overlap", [Overlap.SKIP, Overlap.QUEUE_ONE, Overlap.CANCEL_PREVIOUS])
def test_all_runs_each_even_where_each_takes_longer_than_the_pace(
    broker: RedisServer, overlap: Overlap
) -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL, catch_up_pace_seconds=1, overlap=overlap)
    late = list(Run.objects.filter(due_at__lt=BACK_AT, due_at__gt=NOON + MINUTE))
    Run.objects.exclude(id__in=[run.id for run in late]).delete()
    executed = []
    for tenth in range(1, 11):
        now = BACK_AT + tenth * 10 * SECOND
        publish(app, now, 10, "beat")
        if tenth % 2 == 0:  # Each takes until the beat has looked a second time.
            [run] = Run.objects.filter(state=State.QUEUED)
            Run.objects.filter(id=run.id).update(state=State.RUNNING)
            transitions.succeed(run.id, 1, None, now)
            executed.append((run.due_at - NOON) / MINUTE)
    assert executed == [2, 3, 4, 5, 6]
    assert rows() == [("succeeded", minute, 0) for minute in (2, 3, 4, 5, 6)]


def test_all_leaves_side_by_side_what_may_overlap() -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL, overlap=Overlap.ALLOW)
    assert set(Run.objects.values_list("overlap", flat=True)) == {Overlap.ALLOW}


def test_an_occurrence_in_time_keeps_the_overlap_of_the_policy() -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL)
    overlaps = list(Run.objects.order_by("due_at").values_list("overlap", flat=True))
    assert overlaps == [Overlap.SKIP, *[Overlap.QUEUE_ALL] * 5, Overlap.SKIP]


def test_none_runs_only_what_is_not_late() -> None:
    off_for_five_minutes(catch_up=CatchUp.NONE)
    assert rows() == [("pending", 1, 0), ("missed", 2, 4), ("pending", 6, 0), ("pending", 7, 0)]


def test_what_is_older_than_the_window_is_missed() -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL, catch_up_window_seconds=150)
    assert rows() == [
        ("pending", 1, 0),
        ("missed", 2, 2),
        *[("pending", minute, 0) for minute in (4, 5, 6, 7)],
    ]


def test_three_beats_that_come_back_at_once_make_the_rows_of_one() -> None:
    off_for_five_minutes(catch_up=CatchUp.ALL, jitter_seconds=30)
    before = list(Run.objects.order_by("id").values())
    for beat in ("second", "third"):
        Timer.objects.update(due_at=NOON + 2 * MINUTE)
        claim(NOON + 7 * MINUTE, 10, beat)
    assert list(Run.objects.order_by("id").values()) == before


def test_ten_years_of_microseconds_are_two_rows() -> None:
    interval = IntervalSchedule.objects.create(every=1, period="microseconds")
    PeriodicTask.objects.create(name="storm", task="tests.add", interval=interval)
    reconcile(NOON - 3653 * DAY)
    claim(NOON, 10, "beat")
    missed, run = Run.objects.order_by("due_at")
    assert (missed.state, missed.missed_count) == ("missed", 2_147_483_647)
    assert (run.state, run.due_at) == ("pending", NOON)
    assert "315,619,199,999,999 occurrences" in missed.reason_text
