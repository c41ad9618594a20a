"""What is a trouble of a schedule, what ends one, and what is none."""

from datetime import timedelta
from typing import Any

import pytest

from beat.models import Timer
from jobs.alerts.models import Alert
from jobs.alerts.watching import watch
from jobs.runs.models import Run
from jobs.runs.states import Kind, Overlap, State
from tests.integration.alerting import asking, ended, look
from tests.integration.outgoing_runs import NOW, make_run

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
REASON_OF_RUN = Run._meta.get_field("reason_text").max_length or 0
REASON_OF_TIMER = Timer._meta.get_field("set_aside_text").max_length or 0
SENTENCE = Alert._meta.get_field("sentence").max_length or 0


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        (State.SKIPPED, {}),
        (State.CANCELLED, {}),
        (State.RUNNING, {}),
        (State.SUCCEEDED, {"kind": Kind.REHEARSAL}),
    ],
)
def test_a_failure_goes_on_until_a_run_of_the_schedule_succeeds(
    state: State, facts: dict[str, Any]
) -> None:
    schedule = asking()
    ended(schedule, State.FAILED, 5)
    assert watch(NOW) == (1, 0)
    ended(schedule, state, 1, **facts)
    assert watch(NOW) == (0, 0)
    assert Alert.objects.get().over_at is None


def test_what_waits_for_its_next_attempt_or_by_hand_or_where_nobody_asks_is_not_late() -> None:
    make_run(10, schedule=asking("Patient"))
    schedule = asking(alert_late_after_seconds=300)
    make_run(9, schedule=schedule, attempt=2, started_at=NOW - 8 * MINUTE)
    make_run(8, schedule=schedule, kind=Kind.MANUAL)
    assert look() == []


def test_the_timer_of_an_edited_schedule_says_nothing_until_it_is_computed_again() -> None:
    schedule = asking(alert_late_after_seconds=300)
    timer = Timer.objects.filter(schedule=schedule)
    timer.update(due_at=NOW - timedelta(days=9), is_stale=True)
    assert look() == []


def test_of_several_runs_that_take_too_long_the_oldest_is_told_and_none_before_its_time() -> None:
    schedule = asking(alert_slow_after_seconds=600)
    for minutes in (12, 15, 11):
        started_at = NOW - minutes * MINUTE
        facts = {"state": State.RUNNING, "started_at": started_at, "overlap": Overlap.ALLOW}
        make_run(minutes, schedule=schedule, **facts)
    assert look(NOW - 6 * MINUTE) == []
    assert look() == ["Weather takes too long"]
    oldest = Run.objects.earliest("started_at")
    assert Alert.objects.get().run_id == oldest.pk


def test_a_backfill_may_take_its_time() -> None:
    facts = {"kind": Kind.BACKFILL, "state": State.RUNNING, "started_at": NOW - 60 * MINUTE}
    make_run(60, schedule=asking(alert_slow_after_seconds=600), **facts)
    assert look() == []


def test_the_longest_reasons_fit_into_the_sentence_of_an_alert() -> None:
    of_run, of_timer = "x" * REASON_OF_RUN, "y" * REASON_OF_TIMER
    ended(asking("Run"), State.EXPIRED, 5, reason_text=of_run)
    timer = Timer.objects.filter(schedule=asking("Timer"))
    timer.update(set_aside_reason="never_due", set_aside_text=of_timer)
    watch(NOW)
    sentences = dict(Alert.objects.values_list("schedule_name", "sentence"))
    assert sentences["Run"].endswith(of_run)
    assert sentences["Timer"].endswith(of_timer)
    # SQLite takes longer ones too.
    assert max(map(len, sentences.values())) <= SENTENCE
