"""Attempts: a run is tried again as its policy says, each attempt is claimed once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import shared_task
from django.utils import timezone

from beat.publish.publishing import publish
from jobs.runs import transitions
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from jobs.runs.worker.task import HEAD_START
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import BEAT, NOW, make_run, messages
from tests.servers.celery_processes import celery_worker
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@shared_task(name="tests.ask_for_another_try", bind=True, max_retries=3)
def ask_for_another_try(self: Any) -> str:
    """Ask once to be tried again in a minute."""
    if self.request.retries == 0:
        raise self.retry(exc=RuntimeError("not yet"), countdown=60, throw=True)
    return "done"


def running(**values: Any) -> Run:
    """Return a run that beat has sent and a worker has started."""
    return make_run(state=State.RUNNING, published_by=BEAT, **values)


def fail(run: Run) -> bool:
    """Let the current attempt fail at NOW."""
    return transitions.fail_or_try_again(run.id, run.attempt, "RuntimeError: no", "Trace", NOW)


def test_an_attempt_that_fails_is_followed_by_the_next_after_a_pause_that_doubles() -> None:
    run = running(max_attempts=3, backoff_seconds=10)
    for attempt, pause_seconds in ((1, 10), (2, 20)):
        Run.objects.filter(id=run.id).update(state=State.RUNNING)
        run.refresh_from_db()
        assert fail(run)
        run.refresh_from_db()
        assert (run.state, run.attempt) == (State.PENDING, attempt + 1)
        assert run.publish_at == NOW + timedelta(seconds=pause_seconds)
    Run.objects.filter(id=run.id).update(state=State.RUNNING)
    assert fail(run)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.traceback) == (State.FAILED, 3, "Trace")


def test_a_run_that_beat_did_not_send_is_not_tried_again_by_it() -> None:
    run = make_run(state=State.RUNNING, max_attempts=3)
    assert fail(run)
    run.refresh_from_db()
    assert run.state == State.FAILED


def test_a_stale_attempt_that_fails_changes_nothing() -> None:
    run = running(attempt=2, max_attempts=3)
    assert not transitions.fail_or_try_again(run.id, 1, "late", "", NOW)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.RUNNING, 2)


def test_the_next_attempt_is_sent_as_the_next_retry(broker: RedisServer) -> None:
    fail(running(max_attempts=2))
    assert publish(app, NOW, 10, BEAT) == 1
    [message] = messages(broker)
    assert message["headers"]["retries"] == 1


def test_a_task_that_asks_for_a_retry_is_sent_again_only_if_its_own_message_is_lost(
    broker: RedisServer,
) -> None:
    earliest = timezone.now() + timedelta(seconds=60) + HEAD_START
    done = ask_for_another_try.apply(throw=False, task_id=str(running_soon().id))
    run = Run.objects.get(id=done.id)
    # Eager execution goes on with the retry at once.
    assert (run.state, run.attempt) == (State.SUCCEEDED, 2)
    assert run.publish_at >= earliest


def running_soon() -> Run:
    """Return a run that beat has queued."""
    return make_run(state=State.QUEUED, published_by=BEAT)


def test_a_worker_executes_what_beat_sends_and_tells_the_task_its_due_instant(
    broker: RedisServer, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    run = make_run(task="cleanup.run", kwargs={"dry_run": True})
    with celery_worker(broker.url, tmp_path / "worker.log"):
        assert publish(app, now, 10, BEAT) == 1
        wait_until(
            lambda: Run.objects.filter(id=run.id, state=State.SUCCEEDED).exists(),
            "the run to succeed",
        )
    run.refresh_from_db()
    assert (run.kind, run.due_at, run.attempt) == (Kind.SCHEDULED, NOW, 1)
    assert Run.objects.count() == 1


def test_a_message_that_beat_sends_twice_is_executed_once(
    broker: RedisServer, tmp_path: Path
) -> None:
    run = make_run(task="cleanup.run", kwargs={"dry_run": True})
    for _ in range(2):
        Run.objects.update(state=State.PENDING)
        assert publish(app, NOW, 10, BEAT) == 1
    assert len(messages(broker)) == 2
    log = tmp_path / "worker.log"
    with celery_worker(broker.url, log) as worker:
        worker.wait_for_log("run not started: another has it")
        wait_until(
            lambda: Run.objects.filter(id=run.id, state=State.SUCCEEDED).exists(),
            "the run to succeed",
        )
    assert log.read_text().count("run started") == 1
