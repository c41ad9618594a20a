"""The scheduler as Celery's beat makes it, asks it to tick, and closes it."""

import contextlib
import gc
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest
from celery.app import app_or_default
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Beat
from beat.process.tick import LONGEST_SLEEP_SECONDS
from beat.scheduler import PunctualScheduler, name_of_this_beat
from scheduler_site.development.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scheduler(broker: RedisServer) -> Iterator[PunctualScheduler]:
    """Yield the scheduler as Celery makes it."""
    scheduler = PunctualScheduler(app=app_or_default())
    yield scheduler
    scheduler.close()


def test_celerys_scheduler_keeps_no_schedule_in_memory(scheduler: PunctualScheduler) -> None:
    every_second = IntervalSchedule.objects.create(every=1, period="seconds")
    PeriodicTask.objects.create(name="Feeds", task="feeds.fetch", interval=every_second)
    assert 0 <= scheduler.tick() <= LONGEST_SLEEP_SECONDS
    assert scheduler.schedule == {}


def test_a_beat_searches_for_garbage_rarely_and_as_usual_when_it_is_closed(
    scheduler: PunctualScheduler,
) -> None:
    usual = gc.get_threshold()
    scheduler.tick()
    assert (gc.get_threshold()[0], gc.get_freeze_count() > 0) == (100_000, True)
    scheduler.close()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)


def test_a_scheduler_that_is_closed_leaves_no_row_and_no_thread(
    scheduler: PunctualScheduler,
) -> None:
    scheduler.tick()
    assert Beat.objects.get().name == scheduler.name
    scheduler.close()
    assert not Beat.objects.exists()
    assert "Watchdog" not in {thread.name for thread in threading.enumerate()}


def test_a_signal_in_the_middle_of_a_tick_touches_no_connection(
    scheduler: PunctualScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler.tick()

    def interrupted() -> NoReturn:
        scheduler.close()
        assert Beat.objects.exists()
        raise SystemExit

    monkeypatch.setattr(scheduler._ticker, "tick", interrupted)
    with pytest.raises(SystemExit):
        scheduler.tick()
    scheduler.close()
    assert not Beat.objects.exists()


def test_a_signal_whose_exit_is_swallowed_in_the_middle_of_a_tick_ends_the_beat_all_the_same(
    scheduler: PunctualScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallowed() -> float:
        # As Python does with what is raised within a callback of the garbage collector.
        with contextlib.suppress(SystemExit):
            scheduler.close()
            raise SystemExit
        return 0.0

    monkeypatch.setattr(scheduler._ticker, "tick", swallowed)
    with pytest.raises(SystemExit):
        scheduler.tick()
    scheduler.close()


def test_no_two_beats_have_the_same_name() -> None:
    assert len({name_of_this_beat() for _ in range(100)}) == 100
