"""An edit of one schedule or of many, by any route: in force at once, and nothing fires by it.

Every edit here is made while the schedules are due and nobody has claimed them yet.
`EDITED_SCHEDULES=10000` is the long run.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.app import app_or_default
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from beat.models import Timer
from beat.process.tick import Ticker
from jobs.runs.models import Run
from scheduler_site.development.redis_server import RedisServer
from tests.integration.editor_page import saves

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE_MINUTE = timedelta(minutes=1)
DUE_AT = NOON + ONE_MINUTE
SCHEDULES = "django_celery_beat_periodictask"
LIST = "admin:django_celery_beat_periodictask_changelist"
MANY = int(os.environ.get("EDITED_SCHEDULES", "500"))
ONE_OR_MANY = pytest.mark.parametrize("count", [1, MANY])

Switch = Callable[[Client, bool], object]


class Beat:
    """A beat whose clock a test sets."""

    def __init__(self) -> None:
        self.now = NOON
        self._ticker = Ticker(app_or_default(), "host:1:abc", clock=lambda: self.now)

    def tick_at(self, now: datetime) -> None:
        """Tick as often as beat does without a pause, and once more."""
        self.now = now
        while self._ticker.tick() == 0:
            pass
        self._ticker.tick()


@pytest.fixture
def beat(broker: RedisServer) -> Beat:
    """Return a beat that has seen no schedule yet."""
    return Beat()


def add_schedules(count: int, **fields: Any) -> None:
    """Insert schedules that are due every minute."""
    rule = IntervalSchedule.objects.create(every=1, period="minutes")
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"S{number}", task="cleanup.run", interval=rule, **fields)
        for number in range(count)
    )


def execute(sql: str) -> None:
    """Run plain SQL, as somebody with a database shell does."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


def by_bulk_action(client: Client, is_enabled: bool) -> None:
    """Answer the question about all schedules."""
    ids = ",".join(map(str, PeriodicTask.objects.values_list("pk", flat=True)))
    verb = "enable" if is_enabled else "disable"
    address = reverse("admin:beat_act", args=[verb])
    assert client.post(address, {"ids": ids, "is_confirmed": "yes"}).status_code == 302


def by_form(client: Client, is_enabled: bool) -> None:
    """Switch the one schedule on its page."""
    [schedule] = PeriodicTask.objects.all()
    saves(client, schedule, enabled="on" if is_enabled else None)


SWITCHES: dict[str, Switch] = {
    "bulk action": by_bulk_action,
    "update": lambda _, is_enabled: PeriodicTask.objects.update(enabled=is_enabled),
    "SQL": lambda _, is_enabled: execute(f"UPDATE {SCHEDULES} SET enabled = {is_enabled}"),
}
# A form edits one schedule; the other routes one or as many as there are.
SWITCHED = pytest.mark.parametrize(
    ("route", "count"),
    [("form", 1), *((route, count) for route in SWITCHES for count in (1, MANY))],
)


def switch(route: str, client: Client, is_enabled: bool) -> None:
    """Switch all schedules on or off."""
    (SWITCHES | {"form": by_form})[route](client, is_enabled)


@SWITCHED
def test_what_is_disabled_while_it_is_due_never_fires(
    beat: Beat, admin_client: Client, route: str, count: int
) -> None:
    add_schedules(count)
    beat.tick_at(NOON)
    assert Timer.objects.filter(due_at=DUE_AT).count() == count
    switch(route, admin_client, is_enabled=False)
    beat.tick_at(DUE_AT)
    beat.tick_at(DUE_AT + 5 * ONE_MINUTE)
    assert Timer.objects.filter(due_at=None, is_stale=False).count() == count
    assert not Run.objects.exists()


@SWITCHED
def test_what_is_enabled_again_fires_nothing_of_the_past(
    beat: Beat, admin_client: Client, route: str, count: int
) -> None:
    add_schedules(count, enabled=False)
    beat.tick_at(NOON)
    switch(route, admin_client, is_enabled=True)
    tomorrow = NOON + timedelta(days=1, seconds=30)
    beat.tick_at(tomorrow)
    assert Timer.objects.filter(due_at__gt=tomorrow, is_stale=False).count() == count
    assert not Run.objects.exists()


def move_by_form_of_the_rule(client: Client) -> None:
    """Change the rule that all schedules share on its page."""
    rule = IntervalSchedule.objects.get()
    address = reverse("admin:django_celery_beat_intervalschedule_change", args=[rule.pk])
    form = {"every": 10, "period": "minutes"}
    form |= {"periodictask_set-TOTAL_FORMS": 0, "periodictask_set-INITIAL_FORMS": 0}
    assert client.post(address, form).status_code == 302


def ten_minutes() -> IntervalSchedule:
    """Return another rule."""
    return IntervalSchedule.objects.create(every=10, period="minutes")


MOVES: dict[str, Callable[[Client], object]] = {
    "form of the rule": move_by_form_of_the_rule,
    "update": lambda _: PeriodicTask.objects.update(interval=ten_minutes()),
    "update of the rule": lambda _: IntervalSchedule.objects.update(every=10),
    "SQL": lambda _: execute(f"UPDATE {SCHEDULES} SET interval_id = {ten_minutes().pk}"),
    "SQL on the rule": lambda _: execute(
        "UPDATE django_celery_beat_intervalschedule SET every = 10"
    ),
}


@ONE_OR_MANY
@pytest.mark.parametrize("route", MOVES)
def test_what_is_moved_later_while_it_is_due_fires_then_and_not_before(
    beat: Beat, admin_client: Client, route: str, count: int
) -> None:
    add_schedules(count)
    beat.tick_at(NOON)
    MOVES[route](admin_client)
    beat.tick_at(DUE_AT)
    later = DUE_AT + 10 * ONE_MINUTE
    assert Timer.objects.filter(due_at=later, is_stale=False).count() == count
    beat.tick_at(later - ONE_MINUTE)
    assert not Run.objects.exists()


def test_what_was_moved_later_fires_once_at_its_new_instant(beat: Beat) -> None:
    add_schedules(1)
    beat.tick_at(NOON)
    PeriodicTask.objects.update(interval=ten_minutes())
    beat.tick_at(DUE_AT)
    later = DUE_AT + 10 * ONE_MINUTE
    beat.tick_at(later)
    beat.tick_at(later + ONE_MINUTE)
    assert [run.due_at for run in Run.objects.all()] == [later]


def test_while_ten_thousand_edits_are_read_what_is_due_elsewhere_goes_out(beat: Beat) -> None:
    add_schedules(10_000)
    beat.tick_at(NOON)
    other = PeriodicTask.objects.latest("pk")
    PeriodicTask.objects.exclude(pk=other.pk).update(enabled=False)
    beat.now = DUE_AT
    beat._ticker.tick()
    assert Timer.objects.filter(is_stale=True).count() > 5_000
    assert [run.schedule_id for run in Run.objects.all()] == [other.pk]
