"""Runs that their worker cannot go on with: which are started again, and which end."""

from uuid import uuid4

import pytest

from jobs.runs import losing
from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import Overlap, State
from tests.integration.held_runs import make_held_run, make_worker
from tests.integration.outgoing_runs import NOW, make_run, make_schedule

pytestmark = pytest.mark.django_db


def test_a_lost_run_waits_as_the_next_attempt_and_keeps_the_former_one() -> None:
    run = make_held_run(uuid4(), concurrency_key="feed", concurrency_slot=1)
    assert losing.lose([run.id], "worker_died", NOW, attempt=1) == 1
    began_at = run.started_at
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses, run.failures) == (State.PENDING, 2, 1, 0)
    assert (run.publish_at, run.reason, run.worker_id) == (NOW, "worker_died", None)
    assert run.concurrency_slot is None
    assert "started again" in run.reason_text
    kept = Attempt.objects.get()
    assert (kept.number, kept.outcome, kept.worker) == (1, Outcome.LOST, "celery@one")
    assert (kept.started_at, kept.ended_at) == (began_at, NOW)


def test_a_run_is_lost_when_its_cap_is_used_up() -> None:
    run = make_held_run(uuid4(), losses=2, attempt=3)
    assert losing.lose([run.id], "worker_died", NOW) == 1
    run.refresh_from_db()
    assert (run.state, run.losses, run.finished_at) == (State.LOST, 3, NOW)
    assert "loss 3" in run.reason_text
    assert not Attempt.objects.exists()


def test_a_run_that_cannot_be_sent_again_is_lost_at_once() -> None:
    run = make_held_run(uuid4(), is_whole=False)
    losing.lose([run.id], "worker_died", NOW)
    run.refresh_from_db()
    assert run.state == State.LOST
    assert "call it anew" in run.reason_text


def test_a_run_that_was_asked_to_end_is_cancelled_instead_of_started_again() -> None:
    run = make_held_run(uuid4(), cancel_requested_at=NOW)
    losing.lose([run.id], "worker_died", NOW)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.CANCELLED, "cancelled")


def test_whoever_lost_an_earlier_attempt_does_not_take_the_next_one() -> None:
    run = make_held_run(uuid4(), attempt=2)
    assert losing.lose([run.id], "worker_died", NOW, attempt=1) == 0
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.RUNNING, 2)


@pytest.mark.parametrize("state", [State.PENDING, State.QUEUED, State.SUCCEEDED, State.LOST])
def test_only_what_runs_can_be_lost(state: State) -> None:
    run = make_held_run(uuid4(), state=state)
    assert losing.lose([run.id], "worker_died", NOW) == 0
    run.refresh_from_db()
    assert (run.state, run.attempt) == (state, 1)


def test_a_lost_run_of_a_schedule_without_overlap_makes_room_for_itself() -> None:
    run = make_held_run(uuid4(), schedule=make_schedule(), overlap=Overlap.SKIP)
    losing.lose([run.id], "worker_died", NOW)
    assert Run.objects.get().state == State.PENDING


def test_what_a_worker_hands_back_counts_for_no_cap() -> None:
    mine, other = make_worker(), make_worker()
    run = make_held_run(mine.id, losses=2)
    others = make_held_run(other.id)
    assert losing.hand_back(mine.id, NOW, NOW) == 1
    run.refresh_from_db()
    others.refresh_from_db()
    assert (run.state, run.attempt, run.losses) == (State.PENDING, 2, 2)
    assert others.state == State.RUNNING
    assert Attempt.objects.get().outcome == Outcome.HANDED_BACK


def test_a_run_whose_message_is_gone_is_sent_again_as_the_same_attempt() -> None:
    run = make_run(state=State.QUEUED, queued_at=NOW, concurrency_key="feed", concurrency_slot=1)
    assert losing.send_again([run.id], NOW, NOW) == 0  # queued since: another beat was first
    run.queued_at = run.due_at.replace(hour=1)
    run.save()
    assert losing.send_again([run.id], NOW, NOW) == 1
    run.refresh_from_db()
    assert (run.state, run.attempt, run.reason) == (State.PENDING, 1, "message_lost")
    assert run.concurrency_slot == 1


def test_a_run_whose_message_is_gone_and_cannot_be_made_again_is_lost() -> None:
    run = make_run(state=State.QUEUED, queued_at=NOW.replace(hour=1), is_whole=False)
    assert losing.send_again([run.id], NOW, NOW) == 1
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (State.LOST, NOW)
