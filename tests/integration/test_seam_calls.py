"""Ad-hoc calls: each has a run, with its parent, its instant and all that it needs to go again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from celery import chain, chord, group
from django.db import transaction
from django.utils import timezone

from beat.publish.publishing import publish
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration import seam_tasks
from tests.integration.outgoing_runs import messages
from tests.integration.seam_worker import BEAT, publishing, run_of, seam_worker, wait_for_end
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def results(broker: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of the Redis result backend that this process asks for results."""
    monkeypatch.setattr(app.conf, "result_backend", broker.url)
    site: Any = app
    backend = site._get_backend()
    # The tests ask. To subscribe, at a call or a callback (`then`), takes a socket that nobody
    # closes: a result unsubscribes when it is collected, which may open another one much later.
    monkeypatch.setattr(backend.result_consumer, "consume_from", lambda *_: None)
    monkeypatch.setattr(site._local, "backend", backend, raising=False)
    yield broker.url
    backend.client.connection_pool.disconnect()


def test_a_call_for_later_waits_in_the_ledger_and_no_message_is_sent(broker: RedisServer) -> None:
    eta = timezone.now() + timedelta(hours=1)
    sent = seam_tasks.add.apply_async((1,), {"right": 2}, eta=eta, priority=3, expires=7200)
    run = run_of(sent)
    assert (run.state, run.kind, run.due_at, run.publish_at) == (
        State.PENDING,
        Kind.ADHOC,
        eta,
        eta,
    )
    assert (run.args, run.kwargs, run.priority, run.is_whole) == ([1], {"right": 2}, 3, True)
    assert messages(broker) == []
    assert publish(app, eta, 10, BEAT) == 1
    assert messages(broker, "default\x06\x163")[0]["headers"]["id"] == str(sent.id)


def test_a_call_for_later_is_undone_with_its_transaction(broker: RedisServer) -> None:
    def book() -> None:
        with transaction.atomic():
            seam_tasks.add.apply_async((1, 2), countdown=60)
            raise RuntimeError("the order was refused")

    with pytest.raises(RuntimeError):
        book()
    assert not Run.objects.exists()
    assert messages(broker) == []


def test_a_call_for_later_with_wrong_arguments_is_refused_at_once(broker: RedisServer) -> None:
    with pytest.raises(TypeError):
        seam_tasks.add.apply_async((1, 2, 3), countdown=60)


def test_a_call_that_no_ledger_holds_whole_goes_celerys_way(broker: RedisServer) -> None:
    seam_tasks.kind_of.apply_async(("x" * 1_100_000,), countdown=60)
    assert not Run.objects.exists()
    [message] = messages(broker)
    assert message["headers"]["eta"]


def test_arguments_that_waited_keep_their_kind_and_a_call_from_a_task_names_its_parent(
    broker: RedisServer, tmp_path: Path
) -> None:
    values = [datetime(2026, 1, 1, tzinfo=UTC), UUID(int=7), b"\xff"]
    with seam_worker(broker.url, tmp_path / "worker.log"):
        sent = [seam_tasks.kind_of.apply_async((value,), countdown=0.1) for value in values]
        runs = wait_for_end(*sent)
        [parent] = wait_for_end(seam_tasks.call_another.delay())
        [child] = wait_for_end(parent.result)
    assert [run.result for run in runs] == ["datetime", "UUID", "bytes"]
    assert child.parent_id == parent.id
    assert (child.kind, child.result) == (Kind.ADHOC, 3)


def test_links_chains_groups_and_chords_complete_also_with_retries_and_each_step_is_a_run(
    broker: RedisServer, results: str, tmp_path: Path
) -> None:
    with seam_worker(broker.url, tmp_path / "worker.log", CELERY_RESULT_BACKEND=results):
        add, total = seam_tasks.add, seam_tasks.total
        linked = add.apply_async((1, 2), link=add.s(10))
        broken = seam_tasks.fail.apply_async(link_error=seam_tasks.note_problem.s())
        steps = chain(add.s(1, 1), add.s(1), add.s(1).set(countdown=0.2))()
        many = group(add.s(number, 1) for number in range(4))()
        body = chord([add.s(number, 1) for number in range(4)])(total.s())
        retried = chord([seam_tasks.retried_by_celery.s(number) for number in range(2)])
        body_of_retried = retried(seam_tasks.kind_of.s())
        canvas = (steps, many, body, body_of_retried)
        publishing(lambda: all(each.ready() for each in canvas), "the canvas")
        assert (steps.result, [one.result for one in many], body.result) == (4, [1, 2, 3, 4], 10)
        assert body_of_retried.result == "list"
        wait_for_end(linked, broken)
        wait_until(
            lambda: Run.objects.filter(state=State.SUCCEEDED, result=13).exists(), "the link"
        )
        wait_until(
            lambda: Run.objects.filter(state=State.SUCCEEDED, result="noted 36").exists(),
            "the link for errors",
        )
    assert run_of(steps).parent_id == UUID(steps.parent.id)
    assert run_of(body).result == 10
    assert Run.objects.get(result=13).parent_id == UUID(linked.id)
    runs_of_retried = Run.objects.filter(task__in=["seam.retried_by_celery", "seam.kind_of"])
    assert set(runs_of_retried.values_list("state", flat=True)) == {State.SUCCEEDED}
    assert sorted(runs_of_retried.values_list("attempt", flat=True)) == [1, 3, 3]


def test_results_are_in_djangos_tables_where_that_backend_is_configured(
    broker: RedisServer, tmp_path: Path
) -> None:
    from django_celery_results.models import TaskResult

    with seam_worker(broker.url, tmp_path / "worker.log", CELERY_RESULT_BACKEND="django-db"):
        sent = seam_tasks.add.delay(2, 2)
        [run] = wait_for_end(sent)
        wait_until(
            lambda: TaskResult.objects.filter(task_id=sent.id, status="SUCCESS").exists(),
            "the result",
        )
    assert run.result == 4
