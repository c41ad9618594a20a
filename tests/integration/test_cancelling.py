"""Cancelling: at once where a run waits, by asking where it runs, by force where it must be."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from jobs.runs import current
from jobs.runs.cancelling import Cancelled, end_by_force, request_cancel
from jobs.runs.models import Run
from jobs.runs.states import ENDS, State
from scheduler_site.development.redis_server import RedisServer
from tests.integration.executing import NOW, executing, running_run

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def ada(db: None) -> User:
    """Return the one who cancels."""
    return User.objects.create_user("ada")


@pytest.mark.parametrize("state", [State.PENDING, State.QUEUED])
def test_a_run_that_waits_is_cancelled_at_once_and_says_by_whom(ada: User, state: State) -> None:
    run = running_run(state=state)
    assert request_cancel(run.id, ada, "wrong month", LATER)
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (State.CANCELLED, LATER)
    assert (run.reason, run.reason_text) == ("cancelled", "Cancelled by ada: wrong month")


def test_a_run_that_executes_is_asked_and_goes_on(ada: User) -> None:
    run = running_run()
    assert request_cancel(run.id, ada, "", LATER)
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (State.RUNNING, None)
    assert (run.cancel_requested_at, run.reason_text) == (LATER, "Cancelled by ada.")


def test_the_first_one_who_asks_is_the_one_who_asked(ada: User) -> None:
    run = running_run()
    assert request_cancel(run.id, ada, "wrong month", LATER)
    assert not request_cancel(run.id, None, "me too", LATER + timedelta(minutes=1))
    run.refresh_from_db()
    assert (run.cancel_requested_at, run.reason_text) == (LATER, "Cancelled by ada: wrong month")


@pytest.mark.parametrize("state", ENDS)
def test_an_end_is_not_left_again(ada: User, state: State) -> None:
    run = running_run(state=state, finished_at=NOW)
    assert not request_cancel(run.id, ada, "", LATER)
    assert not end_by_force(run.id, ada, "", LATER)
    run.refresh_from_db()
    assert (run.state, run.finished_at, run.cancel_requested_at) == (state, NOW, None)


def test_a_task_sees_that_it_was_asked(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.runs.cancelling.SECONDS_BETWEEN_QUESTIONS", 0)
    with executing() as run:
        assert not current.is_cancelled()
        request_cancel(run.id, ada, "", LATER)
        assert current.is_cancelled()
        with pytest.raises(Cancelled):
            current.raise_if_cancelled()


def test_a_task_that_asks_in_a_loop_asks_the_database_once_a_second(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = running_run()
    clock = [100.0]
    monkeypatch.setattr("jobs.runs.cancelling.time.monotonic", lambda: clock[0])
    with executing(run), django_assert_num_queries(2):
        for second in (0.0, 0.5, 0.99, 1.0, 1.5):
            clock[0] = 100.0 + second
            assert not current.is_cancelled()


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"attempt": 2}, {"state": State.LOST}])
def test_an_attempt_that_was_given_up_should_stop_too(changes: dict[str, object]) -> None:
    with executing() as run:
        Run.objects.filter(id=run.id).update(**changes)
        assert current.is_cancelled()


@pytest.mark.parametrize("state", [State.PENDING, State.QUEUED, State.RUNNING])
def test_by_force_the_ledger_ends_it_in_any_case(
    ada: User, broker: RedisServer, state: State, tmp_path: Path
) -> None:
    run = running_run(state=state)
    assert end_by_force(run.id, ada, "it hangs", LATER)
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (State.CANCELLED, LATER)
    assert run.reason_text == "Ended by force by ada: it hangs"


def test_by_force_without_a_broker_is_said_and_fenced(
    ada: User, broker: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    run = running_run()
    broker.stop()
    try:
        assert end_by_force(run.id, ada, "", LATER)
    finally:
        broker.start()
    assert Run.objects.get(id=run.id).state == State.CANCELLED
    assert "could not be told" in caplog.text
