"""Which message may start a run: that of its present attempt, while nobody has it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from jobs.runs.models import Run
from jobs.runs.starting import Message, record_and_start, start
from jobs.runs.states import STARTABLE, State
from tests.integration.outgoing_runs import make_run, make_schedule

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Start = Callable[[Message, datetime], datetime | None]
# What beat has sent has a row; of an ad-hoc call the worker may be the first to know.
ways = pytest.mark.parametrize("way", [start, record_and_start])


def message(run_id: UUID, attempt: int) -> Message:
    """Return a message as the worker "new" receives it."""
    return Message(
        run_id=run_id,
        task="tests.task",
        attempt=attempt,
        schedule_name="",
        args=[],
        kwargs={},
        queue="default",
        worker="new",
    )


@ways
@pytest.mark.parametrize("state", STARTABLE)
def test_the_message_of_the_present_attempt_starts_what_waits(way: Start, state: State) -> None:
    run = make_run(state=state, attempt=2)
    assert way(message(run.id, 2), NOW) == run.due_at
    run.refresh_from_db()
    assert (run.state, run.attempt, run.worker) == (State.RUNNING, 2, "new")


@ways
def test_a_new_attempt_begins_without_what_the_former_one_has_left(way: Start) -> None:
    left: dict[str, Any] = {"reason": "retry", "reason_text": "It failed.", "progress": {"done": 9}}
    run = make_run(state=State.QUEUED, attempt=2, finished_at=NOW, **left)
    way(message(run.id, 2), NOW)
    run.refresh_from_db()
    assert (run.progress, run.reason, run.reason_text, run.finished_at) == (None, "", "", None)
    assert Run.objects.filter(id=run.id, progress__isnull=True).exists()


@ways
@pytest.mark.parametrize("state", STARTABLE)
@pytest.mark.parametrize("attempt", [1, 3])
def test_the_message_of_another_attempt_starts_nothing(
    way: Start, state: State, attempt: int
) -> None:
    run = make_run(state=state, attempt=2)
    assert way(message(run.id, attempt), NOW) is None
    run.refresh_from_db()
    assert (run.state, run.attempt, run.worker) == (state, 2, "")


@ways
@pytest.mark.parametrize("state", sorted(set(State) - set(STARTABLE)))
def test_a_run_that_runs_or_is_over_is_not_started(way: Start, state: State) -> None:
    run = make_run(state=state, worker="old")
    assert way(message(run.id, run.attempt), NOW) is None
    run.refresh_from_db()
    assert (run.state, run.worker) == (state, "old")


def test_an_ad_hoc_call_that_nobody_knows_is_recorded_and_started_at_once() -> None:
    run_id = uuid4()
    assert record_and_start(message(run_id, 1), NOW) == NOW
    assert Run.objects.get(id=run_id).state == State.RUNNING


def test_a_run_that_must_not_overlap_another_is_not_started_and_the_transaction_goes_on() -> None:
    schedule = make_schedule()
    make_run(1, schedule=schedule, state=State.RUNNING)
    later = make_run(schedule=schedule, state=State.PENDING)
    assert start(message(later.id, 1), NOW) is None
    later.refresh_from_db()
    assert (later.state, later.worker) == (State.PENDING, "")
