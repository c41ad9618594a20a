"""The ledger: every execution is a row, and each transition happens once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery import current_app, shared_task
from django.db import connection
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.runs import current, transitions
from jobs.runs.models import Run
from jobs.runs.models.attempt import Outcome
from jobs.runs.states import Kind, State
from jobs.runs.transitions import Again
from jobs.runs.worker.seam.task import RecordedTask
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.servers.celery_processes import celery_worker
from tests.waiting import wait_until

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def message(
    run_id: UUID | None = None, attempt: int = 1, schedule_name: str = ""
) -> transitions.Message:
    """Return a message as a worker receives it."""
    return transitions.Message(
        run_id=run_id or uuid4(),
        task="tests.task",
        attempt=attempt,
        schedule_name=schedule_name,
        args=[],
        kwargs={"report": "weather-week"},
        queue="default",
        worker="worker@host",
    )


def started(**changes: Any) -> transitions.Message:
    """Return the message of a run that is running."""
    arrived = message(**changes)
    transitions.record(arrived, NOW)
    assert transitions.start(arrived, NOW)
    return arrived


def try_again(run_id: UUID) -> bool:
    """Let the first attempt of a run be followed by another at once."""
    again = Again(Outcome.FAILED, "retry", "not yet", NOW, "failures")
    return transitions.try_again(run_id, 1, again, NOW)


@shared_task(name="tests.sum")
def add(left: int, right: int) -> int:
    """Return the sum."""
    return left + right


@shared_task(name="tests.due_at")
def tell_due_at() -> str:
    """Return the logical instant that the task is told."""
    return current.due_at().isoformat()


@shared_task(name="tests.broken")
def broken() -> None:
    """Fail."""
    raise RuntimeError("the disk is full")


executions: list[str] = []


@shared_task(name="tests.count_executions", bind=True)
def count_executions(self: Any) -> None:
    """Note the execution."""
    executions.append(self.request.id)


@shared_task(name="tests.second_time_lucky", bind=True, max_retries=3)
def second_time_lucky(self: Any) -> str:
    """Fail once, then succeed."""
    if self.request.retries == 0:
        raise self.retry(exc=RuntimeError("not yet"), countdown=0)
    return "done"


@pytest.mark.django_db
def test_a_task_that_ends_well_is_a_succeeded_run_with_its_result() -> None:
    done = add.apply(args=(2,), kwargs={"right": 3})
    run = Run.objects.get(id=done.id)
    assert (run.state, run.result, run.attempt) == (State.SUCCEEDED, 5, 1)
    assert (run.args, run.kwargs) == ([2], {"right": 3})
    assert run.kind == Kind.ADHOC
    assert run.duration is not None


@pytest.mark.django_db
def test_a_task_that_raises_is_a_failed_run_with_error_and_traceback() -> None:
    run = Run.objects.get(id=broken.apply().id)
    assert run.state == State.FAILED
    assert run.reason_text == "RuntimeError: the disk is full"
    assert "in broken" in run.traceback


@pytest.mark.django_db
def test_a_retry_is_the_next_attempt_of_the_same_run() -> None:
    run = Run.objects.get(id=second_time_lucky.apply().id)
    assert (run.state, run.attempt, run.result) == (State.SUCCEEDED, 2, "done")


@pytest.mark.django_db
def test_a_task_is_told_the_due_instant_of_its_run() -> None:
    done = tell_due_at.apply()
    assert Run.objects.get(id=done.id).due_at == datetime.fromisoformat(str(done.result))


@pytest.mark.django_db
def test_outside_of_a_worker_the_due_instant_is_now() -> None:
    before = datetime.now(UTC)
    assert before <= current.due_at() <= datetime.now(UTC)


@pytest.mark.django_db
def test_a_run_of_a_schedule_keeps_its_name_when_the_schedule_is_deleted() -> None:
    every_minute = IntervalSchedule.objects.create(every=1, period="minutes")
    schedule = PeriodicTask.objects.create(name="Weather", task="tests.sum", interval=every_minute)
    run_id = started(schedule_name="Weather").run_id
    assert Run.objects.get(id=run_id).schedule == schedule
    schedule.delete()
    run = Run.objects.get(id=run_id)
    assert (run.schedule, run.schedule_name, run.kind) == (None, "Weather", Kind.SCHEDULED)


@pytest.mark.django_db
def test_a_message_that_arrives_twice_starts_once() -> None:
    arrived = started()
    transitions.record(arrived, NOW)
    assert not transitions.start(arrived, NOW)


@pytest.mark.django_db
def test_a_message_of_an_ended_run_starts_nothing() -> None:
    arrived = started()
    assert transitions.succeed(arrived.run_id, 1, None, NOW)
    assert not transitions.start(arrived, NOW)
    assert Run.objects.get(id=arrived.run_id).state == State.SUCCEEDED


@pytest.mark.django_db
def test_a_task_whose_run_is_over_does_not_execute_again() -> None:
    first = count_executions.apply()
    again = count_executions.apply(task_id=str(first.id))
    assert str(again.state) == "IGNORED"
    assert executions == [first.id]
    executions.clear()


@pytest.mark.django_db
def test_a_stale_attempt_that_ends_late_changes_nothing() -> None:
    arrived = started()
    assert try_again(arrived.run_id)
    assert transitions.start(message(arrived.run_id, attempt=2), NOW)
    assert not transitions.fail(arrived.run_id, 1, "late", "", NOW)
    assert not transitions.succeed(arrived.run_id, 1, "late", NOW)
    assert Run.objects.get(id=arrived.run_id).state == State.RUNNING


@pytest.mark.django_db
def test_the_message_of_a_next_attempt_that_nobody_asked_for_starts_nothing() -> None:
    arrived = started()
    assert not transitions.start(message(arrived.run_id, attempt=2), NOW)
    assert Run.objects.get(id=arrived.run_id).attempt == 1


@pytest.mark.django_db
def test_an_ended_run_does_not_end_again() -> None:
    arrived = started()
    assert transitions.fail(arrived.run_id, 1, "broken", "", NOW)
    assert not transitions.succeed(arrived.run_id, 1, None, NOW)
    assert Run.objects.get(id=arrived.run_id).state == State.FAILED


@pytest.mark.django_db(transaction=True)
def test_of_two_connections_that_start_one_attempt_exactly_one_wins() -> None:
    for _ in range(20):
        arrived = message()
        transitions.record(arrived, NOW)
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(start_on_its_own_connection, [arrived, arrived]))
        assert sorted(map(bool, outcomes)) == [False, True]


def start_on_its_own_connection(arrived: transitions.Message) -> datetime | None:
    """Start the run from a thread, which has a database connection of its own."""
    try:
        return transitions.start(arrived, NOW)
    finally:
        connection.close()


@pytest.mark.django_db
def test_an_id_that_is_no_uuid_has_a_run_too() -> None:
    add.apply(args=(1, 1), task_id="nightly-sum")
    assert Run.objects.get(id=current.id_of_run("nightly-sum")).result == 2


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_records_what_it_executes(broker: RedisServer, tmp_path: Path) -> None:
    with celery_worker(broker.url, tmp_path / "worker.log"):
        sent = app.send_task("cleanup.run", kwargs={"dry_run": True})
        wait_until(
            lambda: Run.objects.filter(id=sent.id, state=State.SUCCEEDED).exists(),
            "the run to succeed",
        )
    run = Run.objects.get(id=sent.id)
    assert run.worker.startswith("celery@")
    assert run.queue == "default"


@pytest.mark.django_db
def test_the_history_shows_the_newest_first_and_pages_by_position(viewer_client: Client) -> None:
    for minute in range(60):
        Run.objects.create(
            id=uuid4(),
            task=f"tests.task_{minute:02}",
            due_at=NOW + timedelta(minutes=minute // 2),
            publish_at=NOW,
        )
    first = viewer_client.get("/runs/")
    seen = [run.id for run in first.context["page"].runs]
    older = viewer_client.get("/runs/", {"older_than": first.context["page"].older_than})
    seen += [run.id for run in older.context["page"].runs]
    assert seen == list(Run.objects.order_by("-due_at", "-id").values_list("id", flat=True))
    assert older.context["page"].older_than == ""


@pytest.mark.django_db
def test_the_history_filters_by_state(viewer_client: Client) -> None:
    arrived = started()
    transitions.fail(arrived.run_id, 1, "the disk is full", "", NOW)
    started()
    page = viewer_client.get("/runs/", {"state": "failed"}).context["page"]
    assert [run.id for run in page.runs] == [arrived.run_id]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["state=nonsense", "older_than=x", "older_than=2026-01-01_1"])
def test_a_broken_address_of_the_history_is_a_bad_request(
    viewer_client: Client, query: str
) -> None:
    assert viewer_client.get(f"/runs/?{query}").status_code == 400


@pytest.mark.django_db
def test_the_page_of_a_run_shows_its_error_escaped(viewer_client: Client) -> None:
    arrived = started()
    transitions.fail(arrived.run_id, 1, "<script>alert(1)</script>", "Traceback ...", NOW)
    html = viewer_client.get(f"/runs/{arrived.run_id}/").content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html
    assert "Traceback ..." in html


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/runs/", "/runs/5d3ce52c-9fd7-4590-a206-36faa9c2bf37/"])
def test_a_stranger_is_sent_to_the_login(stranger_client: Client, address: str) -> None:
    answer = stranger_client.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"/login/?next={address}"


@pytest.mark.django_db
def test_nobody_writes_runs_in_the_admin(admin_client: Client) -> None:
    run_id = started().run_id
    assert admin_client.get("/admin/runs/run/").status_code == 200
    assert admin_client.get(f"/admin/runs/run/{run_id}/change/").status_code == 200
    assert admin_client.get("/admin/runs/run/add/").status_code == 403
    assert (
        admin_client.post(f"/admin/runs/run/{run_id}/delete/", {"post": "yes"}).status_code == 403
    )
    assert (
        admin_client.post(f"/admin/runs/run/{run_id}/change/", {"state": "failed"}).status_code
        == 403
    )


def test_the_task_class_is_set_app_wide() -> None:
    assert current_app.main == "scheduler_site"
    assert isinstance(app.tasks["celery.chord_unlock"], RecordedTask)
