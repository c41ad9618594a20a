"""Overlap: what becomes of a run that is due while an earlier one of its schedule is under way."""

import base64
import json
from typing import Any

import pytest
import redis
from django_celery_beat.models import PeriodicTask

from beat.publish.publishing import publish
from jobs.runs import publishing, transitions
from jobs.runs.models import Run
from jobs.runs.states import Overlap, State
from scheduler_site.celery import app
from scheduler_site.development.redis_server import RedisServer
from tests.integration.outgoing_runs import (
    BEAT,
    NOW,
    make_run,
    make_schedule,
    sent_ids,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schedule() -> PeriodicTask:
    """Return a schedule of the database."""
    return make_schedule()


def publish_now(limit: int = 100) -> int:
    """Publish at NOW."""
    return publish(app, NOW, limit, BEAT)


def end(run: Run) -> None:
    """Let the run end well, as its worker does."""
    Run.objects.filter(id=run.id).update(state=State.RUNNING)
    assert transitions.succeed(run.id, run.attempt, None, NOW)


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_skip_ends_the_later_run_and_names_the_one_in_its_way(
    broker: RedisServer, schedule: PeriodicTask, state: State
) -> None:
    earlier = make_run(minutes_late=2, schedule=schedule, state=state)
    later = make_run(minutes_late=1, schedule=schedule)
    assert publish_now() == 1
    later.refresh_from_db()
    assert (later.state, later.reason, later.finished_at) == (State.SKIPPED, "overlap", NOW)
    assert f"the run {earlier.id} of this schedule" in later.reason_text
    assert f"was still {state}" in later.reason_text
    assert sent_ids(broker) == []


def test_skip_lets_the_earlier_of_two_due_runs_go(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    earlier = make_run(minutes_late=2, schedule=schedule)
    make_run(minutes_late=1, schedule=schedule)
    publish_now()
    assert sent_ids(broker) == [str(earlier.id)]
    assert states() == [State.QUEUED, State.SKIPPED]


def test_a_run_between_two_attempts_is_under_way(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    make_run(minutes_late=9, schedule=schedule, attempt=2, publish_at=NOW.replace(hour=9))
    make_run(minutes_late=1, schedule=schedule)
    publish_now()
    assert states() == [State.PENDING, State.SKIPPED]


def test_a_run_that_has_ended_is_in_nobodys_way(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    make_run(minutes_late=2, schedule=schedule, state=State.FAILED)
    make_run(minutes_late=1, schedule=schedule)
    publish_now()
    assert states() == [State.FAILED, State.QUEUED]


def test_runs_of_other_schedules_are_in_nobodys_way(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    make_run(minutes_late=2, schedule=schedule, state=State.RUNNING)
    make_run(minutes_late=1, schedule=make_schedule("Other"))
    publish_now()
    assert states() == [State.RUNNING, State.QUEUED]


def test_queue_all_lets_every_run_wait_and_sends_the_earliest_when_the_way_is_free(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    running = make_run(minutes_late=9, schedule=schedule, state=State.RUNNING)
    waiting = [
        make_run(minutes_late=minutes, schedule=schedule, overlap=Overlap.QUEUE_ALL)
        for minutes in (3, 2, 1)
    ]
    assert publish_now() == 0
    waiting[0].refresh_from_db()
    assert (
        waiting[0].reason_text == f"It waits for the end of the run {running.id} of this schedule."
    )
    end(running)
    for number, run in enumerate(waiting, start=1):
        assert publish_now() == 1
        assert sent_ids(broker)[number - 1 :] == [str(run.id)]
        run.refresh_from_db()
        assert (run.state, run.reason_text) == (State.QUEUED, "")
        assert publish_now() == 0
        end(run)


def test_queue_one_lets_one_wait_and_skips_the_later_ones(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    running = make_run(minutes_late=9, schedule=schedule, state=State.RUNNING)
    for minutes in (3, 2):
        make_run(minutes_late=minutes, schedule=schedule, overlap=Overlap.QUEUE_ONE)
    assert publish_now() == 1
    make_run(minutes_late=1, schedule=schedule, overlap=Overlap.QUEUE_ONE)
    assert publish_now() == 1
    assert states() == [State.RUNNING, State.PENDING, State.SKIPPED, State.SKIPPED]
    end(running)
    assert publish_now() == 1
    assert states() == [State.SUCCEEDED, State.QUEUED, State.SKIPPED, State.SKIPPED]


def test_cancel_previous_ends_the_earlier_runs_and_sends_the_latest(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    runs = [
        make_run(minutes_late=minutes, schedule=schedule, overlap=Overlap.CANCEL_PREVIOUS, **values)
        for minutes, values in ((3, {"state": State.RUNNING}), (2, {}), (1, {}))
    ]
    publish_now()
    assert states() == [State.CANCELLED, State.CANCELLED, State.QUEUED]
    assert sent_ids(broker) == [str(runs[2].id)]
    runs[0].refresh_from_db()
    assert f"because the run {runs[1].id} of this schedule became due" in runs[0].reason_text
    assert not transitions.succeed(runs[0].id, 1, None, NOW)


def test_a_cancelled_run_is_revoked_at_the_workers(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    values: dict[str, Any] = {"schedule": schedule, "overlap": Overlap.CANCEL_PREVIOUS}
    running = make_run(minutes_late=2, state=State.RUNNING, **values)
    make_run(minutes_late=1, **values)
    with redis.Redis.from_url(broker.url) as client, client.pubsub() as workers:
        workers.psubscribe("*.pidbox*")
        assert workers.get_message(timeout=10)["type"] == "psubscribe"
        publish_now()
        envelope = json.loads(workers.get_message(timeout=10)["data"])
    order = json.loads(base64.b64decode(envelope["body"]))
    assert order["method"] == "revoke"
    assert order["arguments"]["task_id"] == [str(running.id)]
    assert order["arguments"]["terminate"] is True


def test_allow_lets_runs_go_side_by_side(broker: RedisServer, schedule: PeriodicTask) -> None:
    for minutes in (3, 2, 1):
        make_run(minutes_late=minutes, schedule=schedule, overlap=Overlap.ALLOW)
    assert publish_now() == 3
    assert len(sent_ids(broker)) == 3


def test_a_long_line_of_waiting_runs_keeps_no_other_schedule_from_going(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    make_run(minutes_late=99, schedule=schedule, state=State.RUNNING)
    for minutes in range(20, 40):
        make_run(minutes_late=minutes, schedule=schedule, overlap=Overlap.QUEUE_ALL)
    punctual = make_run(minutes_late=0, schedule=make_schedule("Other"))
    for _ in range(5):
        publish_now(limit=5)
    assert sent_ids(broker) == [str(punctual.id)]


def test_two_beats_that_hold_one_run_each_agree_which_one_goes(
    broker: RedisServer, schedule: PeriodicTask
) -> None:
    leases = {"published_by": "beat@two", "publish_lease_until": NOW.replace(minute=1)}
    earlier = make_run(minutes_late=2, schedule=schedule, **leases)
    make_run(minutes_late=1, schedule=schedule)
    assert publish_now() == 1
    assert publish(app, NOW, 100, "beat@two") == 1
    assert sent_ids(broker) == [str(earlier.id)]
    assert states() == [State.QUEUED, State.SKIPPED]


def test_a_change_of_a_run_that_has_moved_on_changes_nothing(schedule: PeriodicTask) -> None:
    run = make_run(schedule=schedule, state=State.RUNNING, attempt=2)
    for attempt, state in ((1, State.RUNNING), (2, State.PENDING)):
        publishing.change(
            [publishing.Change(State.CANCELLED, "overlap", "", NOW, run.id, attempt, state)]
        )
    run.refresh_from_db()
    assert run.state == State.RUNNING
