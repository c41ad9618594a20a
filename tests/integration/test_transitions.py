"""Each change of one run happens from the states and to the attempt that it is meant for."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from jobs.runs import transitions
from jobs.runs.models import Attempt, Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import STARTABLE, State
from jobs.runs.transitions import NUMBER_OF_ATTEMPTS, Again
from tests.integration.held_runs import make_held_run
from tests.integration.outgoing_runs import NOW, make_run

pytestmark = pytest.mark.django_db

AGAIN = Again(Outcome.FAILED, "retry", "It failed.", NOW, "failures")
CHANGES: dict[str, Callable[[Run, int], bool]] = {
    "succeed": lambda run, attempt: transitions.succeed(run.id, attempt, None, NOW),
    "fail": lambda run, attempt: transitions.fail(run.id, attempt, "no", "", NOW),
    "try_again": lambda run, attempt: transitions.try_again(run.id, attempt, AGAIN, NOW),
    "end_early": lambda run, attempt: transitions.end_early(
        run.id, attempt, State.CANCELLED, "revoked", "", NOW, [State.RUNNING]
    ),
}
of_running = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


def standing(run: Run) -> tuple[Any, ...]:
    """Return what a change would change."""
    run = Run.objects.get(id=run.id)
    return run.state, run.attempt, run.failures, run.losses, run.finished_at, run.reason


@of_running
def test_a_running_attempt_ends_or_is_followed(change: Callable[[Run, int], bool]) -> None:
    run = make_held_run(uuid4(), attempt=2)
    assert change(run, 2)
    assert Run.objects.get(id=run.id).state != State.RUNNING


@of_running
@pytest.mark.parametrize("state", sorted(set(State) - {State.RUNNING}))
def test_what_does_not_run_neither_ends_nor_is_followed(
    change: Callable[[Run, int], bool], state: State
) -> None:
    run = make_held_run(uuid4(), attempt=2, state=state)
    before = standing(run)
    assert not change(run, 2)
    assert standing(run) == before
    assert not Attempt.objects.exists()


@of_running
@pytest.mark.parametrize("attempt", [1, 3])
def test_another_attempt_neither_ends_it_nor_is_followed(
    change: Callable[[Run, int], bool], attempt: int
) -> None:
    run = make_held_run(uuid4(), attempt=2)
    before = standing(run)
    assert not change(run, attempt)
    assert standing(run) == before


def test_the_next_attempt_holds_nothing_that_the_former_one_had() -> None:
    run = make_held_run(
        uuid4(), concurrency_key="feed", concurrency_slot=0, publish_lease_until=NOW
    )
    transitions.try_again(run.id, 1, AGAIN, NOW)
    run.refresh_from_db()
    assert (run.concurrency_slot, run.worker_id, run.queued_at) == (None, None, None)
    assert run.publish_lease_until is None


def test_an_attempt_that_cannot_be_kept_is_not_followed() -> None:
    run = make_held_run(uuid4())
    Attempt.objects.create(run=run, number=1, outcome=Outcome.LOST, ended_at=NOW)
    with pytest.raises(IntegrityError):
        transitions.try_again(run.id, 1, AGAIN, NOW)
    assert standing(run)[:2] == (State.RUNNING, 1)


def test_the_last_attempt_that_can_be_counted_is_not_followed() -> None:
    run = make_held_run(uuid4(), attempt=NUMBER_OF_ATTEMPTS)
    assert transitions.try_again(run.id, NUMBER_OF_ATTEMPTS, AGAIN, NOW)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "attempts")


@pytest.mark.parametrize("state", sorted(set(State) - set(STARTABLE)))
def test_what_does_not_wait_is_not_lost_before_it_began(state: State) -> None:
    run = make_run(state=state, attempt=2)
    before = standing(run)
    assert not transitions.lose_unstarted(run.id, 2, NOW)
    assert standing(run) == before


@pytest.mark.parametrize("attempt", [1, 3])
def test_another_attempt_does_not_lose_what_waits(attempt: int) -> None:
    run = make_run(state=State.QUEUED, attempt=2)
    before = standing(run)
    assert not transitions.lose_unstarted(run.id, attempt, NOW)
    assert standing(run) == before


@pytest.mark.parametrize(
    "why", [{"losses": 2}, {"is_whole": False}], ids=["too often", "not whole"]
)
def test_what_cannot_be_sent_again_is_lost_before_it_began(why: dict[str, Any]) -> None:
    run = make_run(state=State.QUEUED, **why)
    assert transitions.lose_unstarted(run.id, 1, NOW)
    run.refresh_from_db()
    assert (run.state, run.finished_at, run.attempt) == (State.LOST, NOW, 1)
