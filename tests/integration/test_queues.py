"""Queues: mails and heavy work have their own, and every worker takes from all unless told."""

from pathlib import Path
from typing import Any

import pytest

from beat.publish.publishing import publish
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import BEAT, NOW, make_run, sent_ids
from tests.servers.celery_processes import celery_worker
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("digests.send", "mail"),
        ("feedback.thank", "mail"),
        ("reports.make", "heavy"),
        ("cleanup.run", "default"),
        ("unknown.to_this_process", "default"),
    ],
)
def test_a_task_goes_to_the_queue_of_its_kind(broker: RedisServer, task: str, queue: str) -> None:
    runs = [make_run(minutes_late=minutes, task=task) for minutes in (2, 1)]
    publish(app, NOW, 10, BEAT)
    app.send_task(task, task_id="sent by hand", retry=False)
    assert sent_ids(broker, queue) == [*(str(run.id) for run in runs), "sent by hand"]
    for other in {"default", "mail", "heavy"} - {queue}:
        assert sent_ids(broker, other) == []


def test_a_schedule_that_names_a_queue_has_its_way(broker: RedisServer) -> None:
    values: dict[str, Any] = {"task": "reports.make", "queue": "an operator's own"}
    run = make_run(**values)
    publish(app, NOW, 10, BEAT)
    assert sent_ids(broker, "an operator's own") == [str(run.id)]


def test_what_names_the_exchange_of_the_default_queue_reaches_that_queue_alone(
    broker: RedisServer,
) -> None:
    queues: Any = app.amqp.queues
    with app.connection_for_write() as declaring:
        for name in ("default", "mail", "heavy"):
            queues[name].bind(declaring.default_channel).declare()
    run = make_run(exchange="default", routing_key="default")
    publish(app, NOW, 10, BEAT)
    assert sent_ids(broker, "default") == [str(run.id)]
    assert sent_ids(broker, "mail") == sent_ids(broker, "heavy") == []


def test_a_worker_takes_from_all_three_queues(broker: RedisServer, tmp_path: Path) -> None:
    for queue in ("default", "mail", "heavy"):
        make_run(task="cleanup.run", kwargs={"dry_run": True}, queue=queue)
    with celery_worker(broker.url, tmp_path / "worker.log"):
        publish(app, NOW, 10, BEAT)
        wait_until(
            lambda: Run.objects.filter(state=State.SUCCEEDED).count() == 3, "all three to succeed"
        )
