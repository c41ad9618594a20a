"""An entry of `beat_schedule`, read into the values of a schedule's columns."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from celery import Celery
from celery.schedules import crontab, schedule, solar
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
)
from django_celery_beat.tzcrontab import TzAwareCrontab

# The longest period first: 7200 seconds are 2 hours.
PERIODS = (
    ("days", timedelta(days=1)),
    ("hours", timedelta(hours=1)),
    ("minutes", timedelta(minutes=1)),
    ("seconds", timedelta(seconds=1)),
    ("microseconds", timedelta(microseconds=1)),
)
RULES: dict[str, type[Model]] = {
    "interval": IntervalSchedule,
    "crontab": CrontabSchedule,
    "solar": SolarSchedule,
    "clocked": ClockedSchedule,
}


class BrokenEntryError(ValueError):
    """An entry that says no schedule; the message says why and what to do."""


def values_of_entry(entry: Mapping[str, Any], app: Celery) -> dict[str, Any]:
    """Return the columns that an entry asks for, as JSON values; raises BrokenEntryError.

    "rule" stands for the four columns of rules: its kind and the columns of its own row.
    """
    if not entry.get("task"):
        raise BrokenEntryError("it names no task; add 'task': 'the.name'.")
    return {
        "task": entry["task"],
        "rule": _rule(entry.get("schedule"), app),
        "args": _json("args", list(entry.get("args") or [])),
        "kwargs": _json("kwargs", dict(entry.get("kwargs") or {})),
        "enabled": bool(entry.get("enabled", True)),
        "one_off": bool(entry.get("one_off", False)),
        **_options(entry.get("options") or {}),
    }


def row_of_rule(rule: dict[str, Any]) -> dict[str, Model | None]:
    """Return the four rule columns: the row that holds this rule, made when there is none.

    Call it in the transaction that saves the schedule.
    """
    columns: dict[str, Model | None] = dict.fromkeys(RULES)
    fields = dict(rule)
    model = RULES[kind := fields.pop("kind")]
    objects = model._default_manager  # noqa: SLF001  # Django's documented name
    # Several equal rows may exist, so that get_or_create could fail. Locked, so that nobody
    # removes it as unused before the schedule is saved.
    found = objects.select_for_update(no_key=True).filter(**fields).order_by("pk").first()
    columns[kind] = found or objects.create(**fields)
    return columns


def _rule(rule: Any, app: Celery) -> dict[str, Any]:
    if isinstance(rule, crontab):
        return _crontab(rule, app)
    if isinstance(rule, solar):
        place = {"latitude": str(rule.lat), "longitude": str(rule.lon)}
        return {"kind": "solar", "event": rule.event, **place}
    if isinstance(rule, int | float) and not isinstance(rule, bool):
        return _interval(timedelta(seconds=rule))
    if isinstance(rule, timedelta):
        return _interval(rule)
    if type(rule) is schedule:
        every: timedelta = cast("Any", rule).run_every
        return _interval(every)
    raise BrokenEntryError(
        f"its schedule {rule!r} is of a kind that is not known here; "
        "use crontab, solar, a timedelta or a number of seconds."
    )


def _crontab(rule: Any, app: Celery) -> dict[str, Any]:
    return {
        "kind": "crontab",
        "minute": str(rule._orig_minute),  # noqa: SLF001  # as django-celery-beat reads them
        "hour": str(rule._orig_hour),  # noqa: SLF001
        "day_of_month": str(rule._orig_day_of_month),  # noqa: SLF001
        "month_of_year": str(rule._orig_month_of_year),  # noqa: SLF001
        "day_of_week": str(rule._orig_day_of_week),  # noqa: SLF001
        # A plain crontab has the zone of whichever app is current; only this kind has its own.
        "timezone": str(rule.tz if isinstance(rule, TzAwareCrontab) else app.timezone),
    }


def _interval(every: timedelta) -> dict[str, Any]:
    if every <= timedelta():
        raise BrokenEntryError("its interval is not longer than nothing; write seconds above 0.")
    for period, length in PERIODS:
        if every % length == timedelta():
            return {"kind": "interval", "every": every // length, "period": period}
    raise AssertionError("every timedelta is whole microseconds")


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: options.get(key) for key in ("queue", "exchange", "routing_key", "priority")}
    values = {
        key: value if value is None or key == "priority" else str(value)
        for key, value in known.items()
    }
    expires = options.get("expires", options.get("expire_seconds"))
    if isinstance(expires, timedelta):
        expires = expires.total_seconds()
    is_instant = isinstance(expires, datetime)
    return values | {
        "headers": _json("headers", dict(options.get("headers") or {})),
        "expires": expires.isoformat() if is_instant else None,
        "expire_seconds": None if is_instant or expires is None else int(expires),
    }


def _json(name: str, value: Any) -> str:
    try:
        return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True)
    except (TypeError, ValueError) as problem:
        raise BrokenEntryError(
            f"its {name} cannot be written as JSON ({problem}); use JSON values only."
        ) from None
