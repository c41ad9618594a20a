"""However an execution ends, its run ends in a state with a reason, and the others go on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.utils import timezone
from kombu import Connection

from beat.publish.publishing import publish
from jobs.runs.models import Attempt, Run
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration import seam_tasks
from tests.integration.outgoing_runs import make_run, messages
from tests.integration.seam_worker import BEAT, seam_worker, wait_for_end
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# What is sent, and the state and reason of its end, the attempts before and a word of the text.
ENDINGS: list[tuple[Any, tuple[Any, ...], str, str, int, str]] = [
    (seam_tasks.add, (1, 2), State.SUCCEEDED, "", 0, ""),
    (seam_tasks.fail, (), State.FAILED, "error", 0, "the disk is full"),
    (seam_tasks.retried_by_rule, (), State.FAILED, "error", 2, "not there"),
    (seam_tasks.retried_by_celery, (), State.SUCCEEDED, "", 2, ""),
    (seam_tasks.retried_for_ever, (), State.FAILED, "error", 1, "MaxRetriesExceeded"),
    (seam_tasks.ignore, (), State.CANCELLED, "ignored", 0, "nothing to do"),
    (seam_tasks.reject, (False,), State.FAILED, "rejected", 0, "not now"),
    (seam_tasks.reject, (True,), State.FAILED, "rejected", 2, "not now"),
    (seam_tasks.poison, (), State.LOST, "worker_died", 2, "died"),
    (seam_tasks.leave, (), State.FAILED, "error", 0, "sys.exit(3)"),
    (seam_tasks.want_memory, (), State.FAILED, "error", 0, "MemoryError"),
    (seam_tasks.sleep_soft, (), State.FAILED, "soft_time_limit", 0, "its soft time limit."),
    (seam_tasks.sleep_hard, (), State.FAILED, "time_limit", 0, "its time limit and was"),
    (seam_tasks.return_nul, (), State.SUCCEEDED, "", 0, ""),
    (seam_tasks.raise_nul, (), State.FAILED, "error", 0, "RuntimeError"),
    (seam_tasks.replace_itself, (), State.SUCCEEDED, "", 1, ""),
]


def test_every_end_is_a_state_with_a_reason_and_the_worker_lives(
    broker: RedisServer, tmp_path: Path
) -> None:
    with seam_worker(broker.url, tmp_path / "worker.log") as worker:
        sent = [task.delay(*args) for task, args, *_ in ENDINGS]
        dying = seam_tasks.die_before_start.delay()
        *runs, unstarted = wait_for_end(*sent, dying, timeout_seconds=90)
        [last] = wait_for_end(seam_tasks.add.delay(1, 1))
        assert worker.process.poll() is None
    assert last.state == State.SUCCEEDED
    for run, (task, args, state, reason, attempts, words) in zip(runs, ENDINGS, strict=True):
        about = (task.name, args, run.reason_text)
        assert (run.state, run.reason) == (state, reason), about
        assert words in run.reason_text, about
        assert Attempt.objects.filter(run=run).count() == attempts, about
        assert run.attempt == attempts + 1, about
        assert run.finished_at is not None, about
    assert_lost_before_it_began(unstarted)


def assert_lost_before_it_began(run: Run) -> None:
    """Assert that losses have a cap also where no attempt ever began."""
    assert (run.state, run.reason, run.attempt, run.losses) == (State.LOST, "worker_died", 3, 2)
    assert "died before the task began, too often" in run.reason_text


def test_a_delayed_retry_waits_in_the_ledger_and_in_no_workers_memory(
    broker: RedisServer, tmp_path: Path
) -> None:
    tasks: list[Any] = [seam_tasks.retried_much_later, seam_tasks.retried_much_later_by_rule]
    with seam_worker(broker.url, tmp_path / "worker.log"):
        for task in tasks:
            task.delay()
        wait_until(lambda: Run.objects.filter(attempt=2).count() == 2, "the second attempts")
    # What a worker had in its memory, it has given back to the broker by now.
    assert messages(broker) == []
    in_half_an_hour = timezone.now() + timedelta(minutes=30)
    waiting = Run.objects.filter(state=State.PENDING, publish_at__gt=in_half_an_hour)
    waiting_ids = {str(run.id) for run in waiting}
    assert len(waiting_ids) == 2
    assert publish(app, timezone.now() + timedelta(hours=3), 10, BEAT) == 2
    assert {sent["headers"]["id"] for sent in messages(broker)} == waiting_ids


def send_raw(broker_url: str, **options: Any) -> None:
    """Publish a message that Celery would not make."""
    with Connection(broker_url) as connection, connection.Producer() as producer:
        producer.publish(routing_key="default", exchange="", **options)


def headers(task: str, run_id: str) -> dict[str, Any]:
    """Return the headers of a message for the task."""
    return {"task": task, "id": run_id, "lang": "py", "retries": 0}


def test_messages_that_no_task_can_be_made_of_leave_failed_runs_and_do_not_come_again(
    broker: RedisServer, tmp_path: Path
) -> None:
    scheduled = make_run(task="gone.task")
    known = "seam.add"
    ids = [f"0000000{number}-2222-4222-8222-222222222222" for number in range(3)]
    with seam_worker(broker.url, tmp_path / "worker.log") as worker:
        called = app.send_task("gone.other", (1,), countdown=0)
        send_raw(broker.url, body=b"\xff\xfe", content_type="application/json",
                 content_encoding="utf-8", headers=headers(known, ids[0]))  # fmt: skip
        send_raw(broker.url, body=b"x", content_type="application/x-python-serialize",
                 content_encoding="binary", headers=headers(known, ids[1]))  # fmt: skip
        send_raw(broker.url, body="[1, 2]", content_type="application/json",
                 content_encoding="utf-8", headers=headers(known, ids[2]))  # fmt: skip
        send_raw(broker.url, body={"what": "is this"}, serializer="json")
        with redis.Redis.from_url(broker.url) as client:
            client.lpush("default", "this is no message at all")
        runs = wait_for_end(scheduled.id, called, *ids)
        strangers = Run.objects.filter(task="(no task)")
        wait_until(lambda: strangers.count() == 2, "the strangers' runs")
        [last] = wait_for_end(seam_tasks.add.delay(1, 1))
        assert worker.process.poll() is None
    assert [run.state for run in runs] == [State.FAILED] * 5
    assert [run.reason for run in runs] == ["unknown_task"] * 2 + ["undecodable"] * 3
    assert 'No task "gone.task" is registered' in runs[0].reason_text
    assert [run.reason for run in strangers] == ["undecodable"] * 2
    assert strangers.filter(args=["this is no message at all"]).exists()
    assert last.state == State.SUCCEEDED
    with redis.Redis.from_url(broker.url) as client:
        assert client.hlen("unacked") == 0


def test_what_is_revoked_or_has_expired_ends_so(broker: RedisServer, tmp_path: Path) -> None:
    expired = seam_tasks.add.apply_async((1, 2), expires=0.01)
    with seam_worker(broker.url, tmp_path / "worker.log"):
        running = seam_tasks.sleep.delay(60)
        wait_until(
            lambda: Run.objects.filter(id=str(running.id), state=State.RUNNING).exists(),
            "the task to begin",
        )
        app.control.revoke(str(running.id), terminate=True)
        runs = wait_for_end(expired, running)
    assert [(run.state, run.reason) for run in runs] == [
        (State.EXPIRED, "expired"),
        (State.CANCELLED, "revoked"),
    ]


def test_children_that_are_replaced_by_number_of_tasks_or_memory_harm_nothing(
    broker: RedisServer, tmp_path: Path
) -> None:
    limits = ["--max-tasks-per-child", "1", "--max-memory-per-child", "1000"]
    with seam_worker(broker.url, tmp_path / "worker.log", *limits):
        runs = wait_for_end(*(seam_tasks.add.delay(1, number) for number in range(6)))
    assert [(run.state, run.attempt, run.result) for run in runs] == [
        (State.SUCCEEDED, 1, number + 1) for number in range(6)
    ]
