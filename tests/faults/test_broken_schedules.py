"""Twenty kinds of broken schedule among a thousand good ones: each says why, no other is harmed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.app import app_or_default
from django.db import connection
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from redis import Redis

from beat.models import Timer
from beat.process.tick import Ticker
from jobs.runs.models import Run
from jobs.runs.states import State
from scheduler_site.development.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = 1000
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

# What is wrong with the schedule's own row, written past every form.
BROKEN_ROWS: dict[str, dict[str, Any]] = {
    "args are no JSON": {"args": "[1,"},
    "args are an object": {"args": "{}"},
    "args are a number": {"args": "7"},
    "kwargs are no JSON": {"kwargs": "nonsense"},
    "kwargs are a list": {"kwargs": "[1]"},
    "headers are no JSON": {"headers": "{"},
    "headers are a list": {"headers": "[]"},
    "no rule at all": {"interval_id": None},
    "no task": {"task": ""},
}
BROKEN_CRONTABS: dict[str, dict[str, str]] = {
    "31 February": {"day_of_month": "31", "month_of_year": "2"},
    "minute 61": {"minute": "61"},
    "hour 25": {"hour": "25"},
    "a word for a minute": {"minute": "sometimes"},
    "step zero": {"minute": "*/0"},
    "nothing in a field": {"hour": ""},
    "day 32": {"day_of_month": "32"},
    "unknown zone": {"timezone": "Mars/Olympus"},
}
BROKEN_INTERVALS: dict[str, dict[str, Any]] = {
    "every 0 seconds": {"every": 0},
    "every -5 seconds": {"every": -5},
    "unknown period": {"period": "fortnights"},
}
BROKEN_SOLAR: dict[str, dict[str, Any]] = {
    "unknown event": {"event": "moonrise"},
    "latitude 200": {"latitude": 200},
}


def overwrite(table: str, row_id: int, **values: Any) -> None:
    """Write columns by plain SQL, as an import or a person at a console would."""
    columns = ", ".join(f"{column} = %s" for column in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns} WHERE id = %s", [*values.values(), row_id])


def add_good(rule: IntervalSchedule) -> None:
    """Insert the good schedules."""
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"good {number}", task="reports.make", interval=rule)
        for number in range(GOOD)
    )


def add_broken(rule: IntervalSchedule) -> set[str]:
    """Insert one schedule of each broken kind; return their names."""
    for name, values in BROKEN_ROWS.items():
        schedule = PeriodicTask.objects.create(name=name, task="reports.make", interval=rule)
        overwrite(PeriodicTask._meta.db_table, schedule.pk, **values)
    for model, field, kinds in (
        (CrontabSchedule, "crontab", BROKEN_CRONTABS),
        (IntervalSchedule, "interval", BROKEN_INTERVALS),
        (SolarSchedule, "solar", BROKEN_SOLAR),
    ):
        for name, values in kinds.items():
            add_with_broken_rule(name, model, field, values)
    add_with_two_rules(rule)
    return {*PeriodicTask.objects.exclude(name__startswith="good").values_list("name", flat=True)}


def add_with_broken_rule(name: str, model: Any, field: str, values: dict[str, Any]) -> None:
    """Insert a schedule and the row of its rule, and break that row."""
    sound: dict[str, Any] = {"every": 1, "period": "days"} if field == "interval" else {}
    if field == "solar":
        sound = {"event": "sunset", "latitude": 50, "longitude": len(name)}
    row = model.objects.create(**sound)
    PeriodicTask.objects.create(name=name, task="reports.make", **{field: row})
    overwrite(model._meta.db_table, row.pk, **values)


def add_with_two_rules(rule: IntervalSchedule) -> None:
    """Insert a schedule that has an interval and a clocked instant."""
    clocked = ClockedSchedule.objects.create(clocked_time=NOON + timedelta(hours=1))
    schedule = PeriodicTask.objects.create(name="two rules", task="reports.make", interval=rule)
    overwrite(PeriodicTask._meta.db_table, schedule.pk, clocked_id=clocked.pk)


def test_a_thousand_good_schedules_run_and_each_broken_one_says_why(broker: RedisServer) -> None:
    times = [NOON]
    ticker = Ticker(app_or_default(), "host:1:abc", clock=lambda: times[-1])
    rule = IntervalSchedule.objects.create(every=60, period="seconds")
    broken = add_broken(rule)
    add_good(rule)
    assert len(broken) >= 20
    for seconds in (0, 0, 60, 60):
        times.append(NOON + timedelta(seconds=seconds))
        ticker.tick()
    assert {*Run.objects.values_list("schedule__name", "state")} == {
        (f"good {number}", State.QUEUED) for number in range(GOOD)
    }
    with Redis.from_url(broker.url) as client:
        assert client.llen("heavy") == GOOD
    reasons = {
        name: (reason, text)
        for name, reason, text in Timer.objects.exclude(set_aside_reason="").values_list(
            "schedule__name", "set_aside_reason", "set_aside_text"
        )
    }
    assert set(reasons) == broken
    assert all(reason and len(text) > 20 for reason, text in reasons.values()), reasons
