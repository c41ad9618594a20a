"""Entries of `beat_schedule` become schedules that the code owns; operators' ones stay."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery, current_app
from celery.schedules import crontab, schedule, solar
from django.conf import settings
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.code_schedules.storing import entries_of, store_code_schedules
from beat.models import CodeSchedule, Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def app() -> Iterator[Celery]:
    """Yield an app whose `beat_schedule` a test may fill."""
    app = Celery("code", set_as_current=False)
    app.conf.update(timezone="Europe/Berlin")
    yield app
    app.close()


def store(app: Celery, **entries: dict[str, Any]) -> int:
    """Let the code say `entries` and store them."""
    app.conf.beat_schedule = entries
    return store_code_schedules(app)


def test_a_crontab_of_the_code_becomes_a_schedule_in_the_apps_time_zone(app: Celery) -> None:
    rule = crontab(minute="*/5", hour="9-17", day_of_week="mon-fri")
    assert store(app, nightly={"task": "reports.make", "schedule": rule, "args": [1]}) == 1
    stored = PeriodicTask.objects.get(name="nightly")
    assert (stored.crontab.minute, stored.crontab.hour) == ("*/5", "9-17")
    assert stored.crontab.day_of_week == "mon-fri"
    assert str(stored.crontab.timezone) == "Europe/Berlin"
    assert (stored.task, stored.args, stored.enabled) == ("reports.make", "[1]", True)


@pytest.mark.parametrize(
    ("rule", "every", "period"),
    [
        (timedelta(hours=2), 2, "hours"),
        (90, 90, "seconds"),
        (schedule(timedelta(days=7)), 7, "days"),
        (0.25, 250_000, "microseconds"),
    ],
)
def test_every_way_to_say_an_interval_is_understood(
    app: Celery, rule: Any, every: int, period: str
) -> None:
    store(app, often={"task": "reports.make", "schedule": rule})
    interval = PeriodicTask.objects.get(name="often").interval
    assert (interval.every, interval.period) == (every, period)


def test_a_solar_rule_is_understood(app: Celery) -> None:
    store(app, lamps={"task": "lamps.on", "schedule": solar("sunset", 52.5, 13.4)})
    assert PeriodicTask.objects.get(name="lamps").solar.event == "sunset"


def test_the_options_of_an_entry_are_kept(app: Celery) -> None:
    options = {
        "queue": "slow",
        "exchange": "letters",
        "routing_key": "blue",
        "priority": 3,
        "expires": 60,
        "headers": {"team": "finance"},
    }
    store(app, one={"task": "reports.make", "schedule": 60, "options": options})
    stored = PeriodicTask.objects.get(name="one")
    assert (stored.queue, stored.exchange, stored.routing_key) == ("slow", "letters", "blue")
    assert (stored.priority, stored.expire_seconds) == (3, 60)
    assert stored.headers == '{"team": "finance"}'


def test_storing_the_same_code_again_writes_nothing(app: Celery) -> None:
    entry = {"task": "reports.make", "schedule": 60}
    store(app, one=entry)
    assert store(app, one=entry) == 0
    assert IntervalSchedule.objects.count() == 1


def test_an_operators_edit_lasts_until_the_code_says_something_new(app: Celery) -> None:
    store(app, one={"task": "reports.make", "schedule": 60, "kwargs": {"report": "a"}})
    PeriodicTask.objects.filter(name="one").update(enabled=False, queue="slow")
    store(app, one={"task": "reports.make", "schedule": 60, "kwargs": {"report": "b"}})
    stored = PeriodicTask.objects.get(name="one")
    assert stored.kwargs == '{"report": "b"}'
    assert (stored.enabled, stored.queue) == (False, "slow")


def test_a_new_rule_of_the_code_is_no_edit_of_other_schedules_rules(app: Celery) -> None:
    shared = IntervalSchedule.objects.create(every=1, period="minutes")
    PeriodicTask.objects.create(name="operators", task="reports.make", interval=shared)
    store(app, one={"task": "reports.make", "schedule": 60})
    assert PeriodicTask.objects.get(name="one").interval == shared
    store(app, one={"task": "reports.make", "schedule": 120})
    assert PeriodicTask.objects.get(name="operators").interval.every == 1
    assert PeriodicTask.objects.get(name="one").interval.every == 2


def test_a_schedule_may_change_its_kind_of_rule(app: Celery) -> None:
    store(app, one={"task": "reports.make", "schedule": 60})
    store(app, one={"task": "reports.make", "schedule": crontab(minute="0")})
    stored = PeriodicTask.objects.get(name="one")
    assert stored.interval is None
    assert stored.crontab.minute == "0"


def test_an_operators_schedule_of_the_same_name_is_left_alone(app: Celery) -> None:
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="one", task="operators.task", interval=every_hour)
    assert store(app, one={"task": "reports.make", "schedule": 60}) == 0
    assert PeriodicTask.objects.get(name="one").task == "operators.task"


def test_an_entry_that_vanishes_is_disabled_and_comes_back_enabled(app: Celery) -> None:
    entry = {"task": "reports.make", "schedule": 60}
    store(app, one=entry, two=entry)
    store(app, two=entry)
    assert not PeriodicTask.objects.get(name="one").enabled
    assert PeriodicTask.objects.get(name="two").enabled
    store(app, one=entry, two=entry)
    assert PeriodicTask.objects.get(name="one").enabled


@pytest.mark.parametrize(
    "entry",
    [
        {"schedule": 60},
        {"task": "reports.make"},
        {"task": "reports.make", "schedule": "every day"},
        {"task": "reports.make", "schedule": 0},
        {"task": "reports.make", "schedule": 60, "args": [object()]},
        {"task": "reports.make", "schedule": 60, "kwargs": [1]},
        {"task": "reports.make", "schedule": 60, "options": {"priority": "high"}},
    ],
)
def test_a_broken_entry_harms_no_other(app: Celery, entry: dict[str, Any]) -> None:
    good = {"task": "reports.make", "schedule": 60}
    assert store(app, a_good=good, broken=entry, z_good=good) == 2
    assert not PeriodicTask.objects.filter(name="broken").exists()


def test_celerys_cleanup_needs_a_result_backend(app: Celery) -> None:
    app.conf.beat_schedule = {}
    assert entries_of(app) == {}
    app.conf.update(result_backend="django-db")
    assert list(entries_of(app)) == ["celery.backend_cleanup"]


def test_a_schedule_of_a_file_is_neither_changed_nor_disabled(app: Celery) -> None:
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    schedule = PeriodicTask.objects.create(name="nightly", task="x", interval=interval)
    CodeSchedule.objects.create(schedule=schedule, source=Source.FILE, key="nightly")
    assert store(app, nightly={"task": "y", "schedule": 60}) == 0
    assert store(app) == 0
    schedule.refresh_from_db()
    assert (schedule.task, schedule.enabled, schedule.code.is_in_code) == ("x", True, True)


def test_every_schedule_that_comes_with_the_code_names_a_task_of_ours() -> None:
    current_app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named
    assert named <= set(current_app.tasks)
