"""What a worker's main process writes for an execution that could not speak for itself."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from celery.app.task import Context
from celery.exceptions import Reject

from jobs.runs.message_headers import ATTEMPT_HEADER, DUE_AT_HEADER
from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import STARTABLE, Kind, State
from jobs.runs.worker.seam import ending, unstarted
from tests.integration import seam_tasks
from tests.integration.held_runs import make_held_run
from tests.integration.outgoing_runs import NOW, make_run

pytestmark = pytest.mark.django_db
ASKED = {"cancel_requested_at": NOW, "reason": "cancelled", "reason_text": "Cancelled by ada."}
ADD: Any = seam_tasks.add


def request_of(run: Run, **changes: Any) -> Context:
    """Return what Celery knows of the message that beat has sent for the run."""
    headers = {ATTEMPT_HEADER: run.attempt, DUE_AT_HEADER: run.due_at.isoformat()}
    return Context({"id": str(run.id), "retries": 0, "headers": headers, **changes})


def lose(request: Context) -> str | None:
    """Write that the process died which had the message."""
    return unstarted.lost("seam.add", request, "signal 9")


def test_a_run_whose_process_died_is_started_again() -> None:
    run = make_held_run(uuid4())
    assert lose(request_of(run)) == unstarted.LOST
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses) == (State.PENDING, 2, 1)
    assert "signal 9" in run.reason_text
    assert Attempt.objects.get().outcome == Outcome.LOST


def test_a_run_whose_process_died_too_often_is_lost() -> None:
    run = make_held_run(uuid4(), losses=2)
    lose(request_of(run))
    run.refresh_from_db()
    assert (run.state, run.reason, run.losses) == (State.LOST, "worker_died", 3)


def test_a_run_that_was_asked_to_end_and_whose_process_died_is_cancelled() -> None:
    run = make_held_run(uuid4(), **ASKED)
    lose(request_of(run))
    run.refresh_from_db()
    assert (run.state, run.attempt, run.finished_at is None) == (State.CANCELLED, 1, False)


@pytest.mark.parametrize("state", STARTABLE)
def test_a_run_whose_process_died_before_it_began_is_sent_again(state: State) -> None:
    run = make_run(state=state, concurrency_key="feed", concurrency_slot=0)
    assert lose(request_of(run)) == unstarted.LOST
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses) == (State.PENDING, 2, 1)
    assert run.concurrency_slot is None


def test_a_call_whose_process_died_before_anybody_knew_of_it_is_recorded_and_sent_again() -> None:
    called = Context({"id": str(uuid4()), "retries": 0, "args": [1, 2], "kwargs": {}})
    assert lose(called) == unstarted.LOST
    run = Run.objects.get(id=str(called.id))
    assert (run.kind, run.state, run.attempt, run.args) == (Kind.ADHOC, State.PENDING, 2, [1, 2])


def test_a_call_that_cannot_be_sent_again_is_lost_when_its_process_dies_before_it_began() -> None:
    called = Context({"id": str(uuid4()), "retries": 0, "args": [{1, 2}], "kwargs": {}})
    lose(called)
    assert Run.objects.get(id=str(called.id)).state == State.LOST


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.CANCELLED, State.RUNNING])
def test_the_death_of_an_earlier_attempt_changes_nothing(state: State) -> None:
    run = make_held_run(uuid4(), attempt=2, state=state)
    earlier = request_of(run, headers={ATTEMPT_HEADER: 1, DUE_AT_HEADER: "2026"})
    assert lose(earlier) is None
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses) == (state, 2, 0)


def test_a_run_that_its_worker_hands_back_waits_at_once_and_loses_nothing() -> None:
    run = make_held_run(uuid4())
    assert ending.handed_back(ADD, request_of(run)) == ending.AGAIN
    run.refresh_from_db()
    assert (run.state, run.attempt, run.losses) == (State.PENDING, 2, 0)
    assert Attempt.objects.get().outcome == Outcome.HANDED_BACK


@pytest.mark.parametrize("max_attempts", [1, 5])
def test_no_other_attempt_follows_once_somebody_has_asked_a_run_to_end(max_attempts: int) -> None:
    error = RuntimeError("no")
    asked_retry = ending.AskedRetry(NOW, {}, is_whole=True, options={})
    ways: list[Callable[[Context], str | None]] = [
        lambda request: ending.handed_back(ADD, request),
        lambda request: ending.refused(ADD, request, Reject("no", requeue=True)),
        lambda request: ending.retried(ADD, request, asked_retry, error, ""),
        lambda request: ending.failed(ADD, request, error, ""),
    ]
    for way in ways:
        run = make_held_run(uuid4(), max_attempts=max_attempts, **ASKED)
        assert way(request_of(run)) == ending.CANCELLED
        run.refresh_from_db()
        assert (run.state, run.attempt, run.reason) == (State.CANCELLED, 1, "cancelled")
        assert run.reason_text == "Cancelled by ada."
    assert not Attempt.objects.exists()
