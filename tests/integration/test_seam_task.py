"""What the task class does around the body of a task, without a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from jobs.runs import prepared
from jobs.runs.message_headers import ATTEMPT_HEADER
from jobs.runs.models import Run, RunLog
from jobs.runs.states import State
from jobs.runs.worker.database import patience
from jobs.runs.worker.seam import beginning, unstarted
from jobs.runs.worker.seam.task import TaskLeftError
from tests.integration import seam_tasks
from tests.integration.executing import log_of, running_run
from tests.integration.outgoing_runs import NOW, make_run
from tests.integration.test_seam_losses import request_of

pytestmark = pytest.mark.django_db
LEAVE: Any = seam_tasks.leave
CALL_ITSELF: Any = seam_tasks.call_itself


@contextmanager
def started(task: Any, run: Run) -> Iterator[None]:
    """Let the task be in the midst of executing the run, as in a worker's child."""
    headers = {ATTEMPT_HEADER: run.attempt}
    task.push_request(id=str(run.id), retries=0, headers=headers, is_started=True)
    try:
        yield
    finally:
        task.pop_request()


def test_a_task_that_leaves_fails_and_its_process_goes_on() -> None:
    with started(LEAVE, running_run()), pytest.raises(TaskLeftError, match=r"sys\.exit\(3\)"):
        LEAVE(3)


def test_a_signal_that_ends_the_process_does_end_it() -> None:
    with started(LEAVE, running_run()), pytest.raises(SystemExit):
        LEAVE(-15)


def test_a_task_that_calls_itself_goes_on_as_the_same_attempt() -> None:
    run = running_run()
    with started(CALL_ITSELF, run):
        CALL_ITSELF(1)
    assert log_of(run).splitlines() == ["1 to go", "0 to go", "1 done"]


def test_a_task_that_is_called_as_a_function_is_no_attempt() -> None:
    run = running_run()
    CALL_ITSELF.push_request(id=str(run.id), retries=0)
    try:
        CALL_ITSELF(0)
    finally:
        CALL_ITSELF.pop_request()
    assert not RunLog.objects.exists()


@pytest.mark.parametrize("hook", ["on_failure", "on_retry"])
def test_what_celery_tells_the_main_process_too_is_the_childs_to_record(
    hook: str, django_assert_num_queries: Any
) -> None:
    tell = getattr(seam_tasks.add, hook)
    with django_assert_num_queries(0):
        tell(OSError("not there"), str(uuid4()), (1, 2), {}, "its traceback")


@pytest.mark.django_db(transaction=True)
def test_a_start_waits_until_the_database_is_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(state=State.QUEUED)
    execute, refused = prepared.execute, iter(range(3))

    def refuse_at_first(*arguments: Any) -> Any:
        if next(refused, None) is not None:
            raise OperationalError("the database system is starting up")
        return execute(*arguments)

    monkeypatch.setattr(patience, "PAUSES_SECONDS", (0.0,))
    monkeypatch.setattr(prepared, "execute", refuse_at_first)
    add: Any = seam_tasks.add
    assert beginning.begin(add, request_of(run), NOW) == run.due_at
    assert next(refused, None) is None


def test_a_message_whose_headers_nobody_understands_leaves_a_failed_run() -> None:
    context = request_of(make_run(state=State.QUEUED), retries="many", headers=None)
    assert unstarted.refused(context, "tests.task", "undecodable", "It cannot be read.")
    run = Run.objects.get(id=str(context.id))
    assert (run.state, run.reason) == (State.FAILED, "undecodable")
