"""RabbitMQ in the place of Redis: the same promises, with a broker that fails in other ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.models import Policy
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer
from tests.faults.beats import (
    RUN_ALL,
    Beats,
    add_schedules,
    assert_each_ran_once,
    occurrences_left_out,
    stop_schedules,
    tally_worker,
    wait_for_beats,
    wait_until_all_runs_end,
)
from tests.faults.test_workers_killed import kill_workers_under_load
from tests.servers.rabbitmq import SERVER, RabbitServer
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not SERVER.exists(), reason="RabbitMQ is not installed"),
]

EVERY_SECONDS = 2
SCHEDULES = 50


@pytest.fixture(scope="module")
def rabbit() -> Iterator[RabbitServer]:
    """Yield a RabbitMQ for all tests of this module, since it takes seconds to start."""
    with RabbitServer() as server:
        yield server


@contextmanager
def beats_and_worker(
    count: int, broker: RedisServer, rabbit: RabbitServer, folder: Path
) -> Iterator[Beats]:
    """Yield beats whose broker is RabbitMQ, beside a worker; evidence is kept in Redis."""
    broker_url = {"CELERY_BROKER_URL": rabbit.url}
    with (
        tally_worker(broker.url, folder / "worker.log", **broker_url),
        Beats(count, broker.url, folder, **broker_url) as beats,
    ):
        wait_for_beats(count)
        yield beats


def wait_for_runs(count: int, **which: object) -> None:
    """Return when so many runs are as described."""
    wait_until(lambda: Run.objects.filter(**which).count() >= count, f"{count} runs: {which}", 60)


def test_beats_that_are_killed_lose_and_double_nothing(
    broker: RedisServer, rabbit: RabbitServer, tmp_path: Path
) -> None:
    with beats_and_worker(2, broker, rabbit, tmp_path) as beats:
        add_schedules(SCHEDULES, EVERY_SECONDS)
        for kills in range(1, 4):
            wait_for_runs(kills * SCHEDULES, state=State.SUCCEEDED)
            beats.kill_oldest_that_ticks()
        stopped_at = stop_schedules()
        wait_until_all_runs_end()
        assert occurrences_left_out(EVERY_SECONDS, stopped_at) == []
        assert_each_ran_once(broker.url, SCHEDULES)


def test_what_is_due_while_the_broker_is_away_goes_out_when_it_is_back(
    broker: RedisServer, rabbit: RabbitServer, tmp_path: Path
) -> None:
    with beats_and_worker(1, broker, rabbit, tmp_path):
        add_schedules(SCHEDULES, EVERY_SECONDS)
        wait_for_runs(SCHEDULES, state=State.SUCCEEDED)
        rabbit.stop()
        went_away_at = timezone.now()
        wait_for_runs(2 * SCHEDULES, due_at__gt=went_away_at, state=State.PENDING)
        rabbit.start()
        stopped_at = stop_schedules()
        wait_until_all_runs_end()
        assert occurrences_left_out(EVERY_SECONDS, stopped_at) == []
        assert_each_ran_once(broker.url, SCHEDULES)


def test_schedules_whose_messages_reach_no_queue_harm_no_other(
    broker: RedisServer, rabbit: RabbitServer, tmp_path: Path
) -> None:
    with beats_and_worker(1, broker, rabbit, tmp_path):
        add_schedules(SCHEDULES, EVERY_SECONDS)
        broken = PeriodicTask.objects.filter(name__startswith="tally").order_by("id")[:2]
        # An exchange that is unknown, and one that knows no queue by this key.
        for schedule, exchange in zip(broken, ("nowhere", "amq.direct"), strict=True):
            PeriodicTask.objects.filter(pk=schedule.pk).update(
                routing_key="nowhere", exchange=exchange
            )
            Policy.objects.filter(schedule=schedule).update(**RUN_ALL)
        wait_for_runs(3 * SCHEDULES, state=State.SUCCEEDED)
        for schedule in broken:
            wait_for_runs(1, schedule=schedule, state=State.FAILED, reason="unpublishable")
        stop_schedules()
        wait_until_all_runs_end()
    for schedule in broken:
        of_broken = Run.objects.filter(schedule=schedule)
        assert set(of_broken.values_list("state", flat=True)) == {State.FAILED}
        assert "nowhere" in of_broken.latest("due_at").reason_text
    others = Run.objects.exclude(schedule__in=[schedule.pk for schedule in broken])
    assert set(others.values_list("state", flat=True)) == {State.SUCCEEDED}


def test_workers_that_are_killed_leave_no_run_behind_and_repeat_none(
    broker: RedisServer, rabbit: RabbitServer, tmp_path: Path
) -> None:
    kill_workers_under_load(broker.url, tmp_path, CELERY_BROKER_URL=rabbit.url)
