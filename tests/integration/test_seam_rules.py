"""What becomes of a run whose attempt did not simply succeed, decided without a worker."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from celery.app.task import Context
from celery.exceptions import Ignore, MaxRetriesExceededError, Reject
from django.db import OperationalError

from jobs.runs import prepared
from jobs.runs.cancelling import Cancelled
from jobs.runs.models import Run
from jobs.runs.starting import Message, was_started
from jobs.runs.states import State
from jobs.runs.worker.seam import beginning, ending, unstarted
from scheduler_site.development.redis_server import RedisServer
from tests.integration import seam_tasks
from tests.integration.held_runs import make_held_run
from tests.integration.outgoing_runs import NOW, make_run, messages
from tests.integration.test_seam_losses import request_of

pytestmark = pytest.mark.django_db
ADD: Any = seam_tasks.add
ERROR = RuntimeError("the disk is full")


def fail(run: Run, raised: BaseException = ERROR, **request: Any) -> str | None:
    """Let the running attempt fail."""
    return ending.failed(ADD, request_of(run, **request), raised, "")


def end_of(run: Run) -> tuple[str, str, int]:
    """Return the state, the reason and the attempt."""
    run.refresh_from_db()
    return run.state, run.reason, run.attempt


def test_a_stale_attempt_that_fails_says_nothing() -> None:
    run = make_held_run(uuid4(), attempt=2)
    stale = Run(id=run.id, attempt=1, due_at=run.due_at)
    assert fail(stale) is None
    assert end_of(run)[::2] == (State.RUNNING, 2)


def test_a_task_that_ends_itself_as_cancelled_is_so_and_not_tried_again() -> None:
    run = make_held_run(uuid4(), max_attempts=3)
    assert fail(run, Cancelled("enough")) == ending.CANCELLED
    assert end_of(run) == (State.CANCELLED, "cancelled", 1)


def test_a_task_that_has_asked_celery_too_often_is_not_tried_again_by_its_rule() -> None:
    run = make_held_run(uuid4(), max_attempts=3)
    assert fail(run, MaxRetriesExceededError("enough")) == ending.FAILED
    assert end_of(run) == (State.FAILED, "error", 1)


@pytest.mark.parametrize(
    "why", [{"losses": 2}, {"is_whole": False}], ids=["too often", "not whole"]
)
def test_a_rejected_message_that_cannot_come_again_ends_its_run(why: dict[str, Any]) -> None:
    run = make_held_run(uuid4(), **why)
    ending.refused(ADD, request_of(run), Reject("not now", requeue=True))
    assert end_of(run) == (State.FAILED, "rejected", 1)


def test_a_run_that_does_not_run_any_more_is_not_ended_by_ignore() -> None:
    run = make_run(state=State.QUEUED)
    assert ending.refused(ADD, request_of(run), Ignore()) is None
    assert end_of(run) == (State.QUEUED, "", 1)


@pytest.mark.parametrize(
    "leave",
    [
        lambda run: fail(run, args=[1, 2]),
        lambda run: ending.handed_back(ADD, request_of(run, args=[1, 2])),
    ],
    ids=["failed", "handed back"],
)
def test_the_next_attempt_of_what_the_ledger_cannot_send_is_sent_by_the_worker(
    broker: RedisServer, leave: Callable[[Run], str | None]
) -> None:
    run = make_held_run(uuid4(), is_whole=False, max_attempts=3, backoff_seconds=0)
    assert leave(run) == ending.AGAIN
    assert end_of(run)[::2] == (State.QUEUED, 2)
    [sent] = messages(broker)
    assert (sent["headers"]["id"], sent["headers"]["punctual_attempt"]) == (str(run.id), 2)


def test_a_next_attempt_that_cannot_be_sent_ends_its_run(broker: RedisServer) -> None:
    run = make_held_run(uuid4(), is_whole=False, max_attempts=3)
    assert fail(run, args=[object(), 2]) == ending.FAILED
    assert end_of(run) == (State.FAILED, "retry_unsent", 2)


def test_a_task_that_is_called_in_place_sends_nothing(broker: RedisServer) -> None:
    run = make_held_run(uuid4(), is_whole=False, max_attempts=3)
    assert fail(run, args=[object(), 2], is_eager=True) == ending.AGAIN
    assert messages(broker) == []


def test_a_message_that_expired_ends_no_run_that_has_begun() -> None:
    run = make_held_run(uuid4())
    assert unstarted.revoked("seam.add", request_of(run), expired=True) is None
    assert end_of(run) == (State.RUNNING, "", 1)


def test_a_call_that_is_revoked_before_anybody_knew_of_it_has_a_run_that_says_so() -> None:
    called = Context({"id": str(uuid4()), "retries": 0, "args": [], "kwargs": {}})
    unstarted.revoked("seam.add", called, expired=False)
    assert end_of(Run.objects.get(id=str(called.id))) == (State.CANCELLED, "revoked", 1)


def test_a_time_limit_that_passes_before_the_start_was_written_ends_the_run() -> None:
    run = make_run(state=State.QUEUED)
    unstarted.timed_out(ADD, request_of(run), 3)
    assert end_of(run) == (State.FAILED, "time_limit", 1)


def test_whoever_was_not_answered_finds_its_own_start_and_no_other() -> None:
    run = make_held_run(uuid4(), started_at=NOW, worker="celery@one")

    def found(started_at: datetime = NOW, **changes: Any) -> datetime | None:
        message = {"run_id": run.id, "attempt": 1, "worker": "celery@one", **changes}
        about = {"task": "t", "schedule_name": "", "args": [], "kwargs": {}, "queue": ""}
        return was_started(Message(**(about | message)), started_at)

    assert found() == run.due_at
    assert found(worker="celery@two") is None
    assert found(attempt=2) is None
    assert found(started_at=NOW.replace(microsecond=1)) is None
    Run.objects.filter(id=run.id).update(state=State.SUCCEEDED)
    assert found() is None


def lose_the_next_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the connection break after the next start, before anybody hears of it."""

    really_execute = prepared.execute

    def execute(statement: str, values: Sequence[Any]) -> Any:
        really_execute(statement, values)
        monkeypatch.undo()
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(prepared, "execute", execute)


@pytest.mark.django_db(transaction=True)
def test_a_start_whose_answer_was_lost_is_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled = make_run(state=State.QUEUED)
    called = Context({"id": str(uuid4()), "retries": 0, "args": [1, 2], "kwargs": {}})
    for request in (request_of(scheduled), called):
        lose_the_next_answer(monkeypatch)
        assert beginning.begin(ADD, request, NOW) is not None
        assert beginning.begin(ADD, request, NOW) is None
    assert Run.objects.filter(state=State.RUNNING, started_at=NOW).count() == 2
