"""Limits at beat: runs that are published have a slot of their key and a place in their rate."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from jobs.runs import limits, losing, publishing
from jobs.runs.limits import admission
from jobs.runs.models import RateLimit, Run
from jobs.runs.states import WAITS_FOR_RATE, WAITS_FOR_SLOT, State
from scheduler_site.celery import app
from tests.integration.limited_tasks import admit, end, feed_run, held_slots, outgoing
from tests.integration.outgoing_runs import BEAT, NOW, make_run

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)


def ids(runs: list[publishing.Outgoing]) -> list[object]:
    """Return the ids of the runs."""
    return [run.id for run in runs]


def leased_ids() -> list[object]:
    """Return which runs a beat gets to publish at NOW."""
    with transaction.atomic():
        return ids(publishing.lease(NOW, 100, BEAT))


def test_runs_without_limits_cost_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    runs = outgoing(make_run(), make_run(task="unknown.to_this_process"))
    with django_assert_num_queries(0):
        assert limits.admit(app, runs, NOW) == (runs, [])


def test_two_of_a_key_go_and_the_third_waits_in_the_ledger_with_a_sentence() -> None:
    runs = [feed_run(minutes) for minutes in (3, 2, 1)]
    other = feed_run(feed_id=8)
    admission = admit(*runs, other)
    assert ids(admission.go) == [runs[0].id, runs[1].id, other.id]
    assert held_slots() == [0, 1]
    third = Run.objects.get(id=runs[2].id)
    assert (third.state, third.reason, third.concurrency_key) == (
        State.PENDING,
        WAITS_FOR_SLOT,
        "feed:7",
    )
    assert third.reason_text == 'It waits: 2 runs of "feed:7" are under way, and at most 2 may be.'


def test_a_call_whose_arguments_do_not_fit_goes_to_fail_at_a_worker() -> None:
    run = make_run(task="tests.fetch_feed", args=[1, 2, 3])
    assert ids(admit(run).go) == [run.id]
    assert held_slots() == []


def test_a_run_that_was_let_go_before_keeps_its_slot() -> None:
    runs = [feed_run(minutes) for minutes in (2, 1)]
    for _ in range(2):
        assert ids(admit(*runs).go) == [run.id for run in runs]
    assert held_slots() == [0, 1]


@pytest.mark.parametrize(
    "state", [State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST, State.EXPIRED]
)
def test_the_longest_waiting_goes_when_a_slot_is_free_again(state: State) -> None:
    first, second, third, fourth = (feed_run(minutes) for minutes in (4, 3, 2, 1))
    admit(first, second)
    admit(fourth, third)
    assert leased_ids() == [first.id, second.id]
    Run.objects.filter(id=first.id).update(state=state)
    assert limits.wake(app) == 1
    Run.objects.filter(id=second.id).update(state=State.RUNNING)
    assert leased_ids() == [third.id]
    assert ids(admit(third).go) == [third.id]
    assert held_slots() == [0, 1]
    assert limits.wake(app) == 0


def test_a_run_that_is_sent_again_keeps_its_slot_since_its_first_message_may_come() -> None:
    runs = [feed_run(minutes) for minutes in (2, 1)]
    admit(*runs)
    for run in runs:
        Run.objects.filter(id=run.id).update(state=State.QUEUED, queued_at=NOW)
    assert publishing.bring_back(NOW + SECOND, 1) == 1
    assert losing.send_again([run.id for run in runs], NOW + SECOND, NOW) == 1
    assert held_slots() == [0, 1]


def test_nobody_overtakes_those_that_wait() -> None:
    first, second, waits = (feed_run(minutes) for minutes in (3, 2, 1))
    admit(first, second, waits)
    end(first)
    fresh = feed_run()
    assert ids(admit(fresh).waiting) == [fresh.id]
    fresh.refresh_from_db()
    assert "has waited for longer" in fresh.reason_text
    limits.wake(app)
    assert ids(admit(waits).go) == [waits.id]


def test_a_limit_that_was_taken_from_the_code_holds_nobody_any_longer() -> None:
    runs = [
        make_run(task="tests.add", reason=WAITS_FOR_SLOT, concurrency_key="old:key")
        for _ in range(3)
    ]
    assert leased_ids() == []
    assert limits.wake(app) == 3
    assert sorted(leased_ids(), key=str) == sorted((run.id for run in runs), key=str)


def test_a_long_line_of_waiting_runs_is_not_read_again() -> None:
    held = [feed_run(99) for _ in range(2)]
    admit(*held)
    Run.objects.update(state=State.RUNNING)
    Run.objects.bulk_create(
        feed_run_values
        for feed_run_values in (
            Run(
                id=f"00000000-0000-4000-8000-{number:012d}",
                task="tests.fetch_feed",
                args=[7],
                due_at=NOW,
                publish_at=NOW - timedelta(seconds=number),
                reason=WAITS_FOR_SLOT,
                concurrency_key="feed:7",
            )
            for number in range(1_000)
        )
    )
    punctual = make_run()
    assert limits.wake(app) == 0
    assert leased_ids() == [punctual.id]
    end(held[0])
    assert limits.wake(app) == 1
    assert len(leased_ids()) == 2


def test_of_two_beats_that_saw_the_same_free_slot_one_waits() -> None:
    held, ours, theirs = feed_run(9), feed_run(2), feed_run(1)
    admit(held)
    parts = [outgoing(ours), outgoing(theirs)]
    verdicts = [admission.judge(app, part, NOW) for part in parts]
    first, second = (
        admission.carry_out(part, verdict) for part, verdict in zip(parts, verdicts, strict=True)
    )
    assert (ids(first.go), ids(second.waiting)) == ([ours.id], [theirs.id])
    assert held_slots() == [0, 1]
    theirs.refresh_from_db()
    assert (theirs.state, theirs.concurrency_slot) == (State.PENDING, None)


def test_four_beats_at_once_never_let_more_go_than_there_are_slots() -> None:
    parts = [[feed_run(feed_id=number % 3) for number in range(12)] for _ in range(4)]
    start = threading.Barrier(4)

    def beat(part: list[Run]) -> int:
        try:
            start.wait(timeout=30)
            with transaction.atomic():
                return len(admit(*part).go)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        went = sum(pool.map(beat, parts))
    assert went <= 6
    # Who lost its slot to another stays as it was, and is decided anew.
    admit(*(run for part in parts for run in part))
    assert [held_slots(f"feed:{number}") for number in range(3)] == [[0, 1]] * 3


def test_runs_beyond_the_rate_are_published_one_after_the_other() -> None:
    runs = [make_run(minutes_late=minutes, task="tests.call_api") for minutes in (3, 2, 1)]
    assert ids(admit(*runs[:2]).go) == [runs[0].id]
    assert ids(admit(runs[2]).waiting) == [runs[2].id]
    later = [Run.objects.get(id=run.id) for run in runs[1:]]
    assert [run.publish_at - NOW for run in later] == [SECOND, 2 * SECOND]
    assert [run.reason for run in later] == [WAITS_FOR_RATE, WAITS_FOR_RATE]
    assert later[0].reason_text == 'It waits for its turn: of "api" 1/s may start.'
    assert leased_ids() == [runs[0].id]
    assert ids(admit(later[0], now=NOW + SECOND).go) == [later[0].id]
    later[0].refresh_from_db()
    assert later[0].reason == ""


def test_a_rate_holds_across_beats() -> None:
    parts = [[make_run(task="tests.call_api") for _ in range(5)] for _ in range(4)]
    start = threading.Barrier(4)

    def beat(part: list[Run]) -> None:
        try:
            start.wait(timeout=30)
            with transaction.atomic():
                admit(*part)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(beat, parts))
    instants = Run.objects.filter(publish_at__gte=NOW).values_list("publish_at", flat=True)
    assert sorted(instants) == [NOW + number * SECOND for number in range(20)]


def test_a_run_that_waits_for_a_slot_takes_no_place_in_the_rate() -> None:
    first, second = (make_run(minutes, task="tests.crawl") for minutes in (2, 1))
    admit(first, second)
    assert RateLimit.objects.get().next_at == NOW + SECOND / 10
    assert held_slots("crawl") == [0]
    second.refresh_from_db()
    assert second.reason == WAITS_FOR_SLOT


def test_rates_that_nobody_uses_any_more_are_forgotten() -> None:
    admit(make_run(task="tests.call_api"))
    assert limits.forget_rates(NOW, 100) == 0
    assert limits.forget_rates(NOW + 2 * SECOND, 100) == 1
    assert not RateLimit.objects.exists()
