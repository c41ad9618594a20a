"""Demo schedules and data, brought by the job apps' `demo.py`."""

import json
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction
from django.utils.module_loading import module_has_submodule
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from scheduler_site.development.errors import DevelopmentError

CRONTAB_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
# What data that is broken or does not fit raises; anything else is a defect in a demo.py.
BROKEN_DATA = (CommandError, DatabaseError, OSError, ValueError, LookupError, TypeError)


def load_all() -> Iterator[str]:
    """Load every job app's demo and yield a sentence about each; may be repeated.

    Raises DevelopmentError, which names the app, when its data or schedules are broken.
    """
    for config in apps.get_app_configs():
        if config.name.startswith("jobs.") and module_has_submodule(config.module, "demo"):
            try:
                yield from _load(config, import_module(f"{config.name}.demo"))
            except BROKEN_DATA as problem:
                raise DevelopmentError(
                    f"The demo of {config.name} could not be loaded: {_in_words(problem)}. "
                    f"Mend {config.name.replace('.', '/')}/demo.py or the data it reads, "
                    "then start again."
                ) from problem


def _load(config: AppConfig, module: ModuleType) -> Iterator[str]:
    if hasattr(module, "load"):
        yield module.load()
    schedules: list[dict[str, Any]] = getattr(module, "SCHEDULES", [])
    with transaction.atomic():
        made = sum(make_schedule(entry) for entry in schedules)
    if made:
        yield f"{config.verbose_name}: {made} demo schedules."


def make_schedule(entry: dict[str, Any]) -> bool:
    """Make the schedule of this name unless there is one; return whether it was made.

    `entry` is {"name", "task", "kwargs", "every_seconds"} or {"name", "task", "kwargs",
    "crontab", "timezone"}, with an optional "description" and "once": True for one that is
    done after its first run.
    """
    defaults = {
        "task": entry["task"],
        "kwargs": json.dumps(entry.get("kwargs", {})),
        "description": entry.get("description", ""),
        "one_off": entry.get("once", False),
        **_rule(entry),
    }
    made: bool
    _, made = PeriodicTask.objects.get_or_create(name=entry["name"], defaults=defaults)
    return made


def _rule(entry: dict[str, Any]) -> dict[str, Any]:
    if "every_seconds" in entry:
        interval, _ = IntervalSchedule.objects.get_or_create(
            every=entry["every_seconds"], period=IntervalSchedule.SECONDS
        )
        return {"interval": interval}
    fields = dict(zip(CRONTAB_FIELDS, entry["crontab"].split(), strict=True))
    zone = entry.get("timezone", "UTC")
    crontab, _ = CrontabSchedule.objects.get_or_create(**fields, timezone=zone)
    return {"crontab": crontab}


def _in_words(problem: BaseException) -> str:
    text = str(problem).strip().rstrip(".") or "no reason given"
    return f"{type(problem).__name__}: {text}" if isinstance(problem, LookupError) else text
