"""Which schedules make which report, and what became of their last runs."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django_celery_beat.models import PeriodicTask

from jobs.runs.last_runs import LastRun, last_runs_of

TASK = "reports.make"
# As many as the usual duration is taken from, and some that are under way or failed.
RUNS_LOOKED_AT = 25


@dataclass(frozen=True)
class Making:
    """One schedule that makes a report: when it is due next, and its last runs, oldest first."""

    schedule_id: int
    is_on: bool = True
    is_paused: bool = False
    is_set_aside: bool = False
    next_due_at: datetime | None = None
    runs: Sequence[LastRun] = field(default=())


def makings_of(slugs: Collection[str]) -> dict[str, list[Making]]:
    """Return the schedules of each report with their last runs, in two queries.

    Weakness: every schedule of the task is read, since a schedule's arguments are a text.
    """
    rows = [row for row in _schedules() if row["slug"] in slugs]
    runs = last_runs_of([row["pk"] for row in rows], RUNS_LOOKED_AT)
    found: defaultdict[str, list[Making]] = defaultdict(list)
    for row in rows:
        found[row["slug"]].append(_making(row, runs.get(row["pk"], [])))
    return dict(found)


def slug_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """Return which report such a call of the task makes, or None when it says none."""
    slug = kwargs.get("report", args[0] if args else None)
    return slug if isinstance(slug, str) else None


def _schedules() -> list[dict[str, Any]]:
    rows = PeriodicTask.objects.filter(task=TASK).order_by("pk").values(
        "pk", "args", "kwargs", "enabled", "timer__due_at", "timer__set_aside_reason",
        "policy__is_paused",
    )  # fmt: skip
    return [row | {"slug": _slug_of_texts(row["args"], row["kwargs"])} for row in rows]


def _slug_of_texts(args: str, kwargs: str) -> str | None:
    try:
        given, named = json.loads(args or "[]"), json.loads(kwargs or "{}")
    except ValueError:
        return None
    if not isinstance(given, list) or not isinstance(named, dict):
        return None
    return slug_of(given, named)


def _making(row: Mapping[str, Any], runs: Sequence[LastRun]) -> Making:
    return Making(
        schedule_id=row["pk"],
        is_on=row["enabled"],
        is_paused=bool(row["policy__is_paused"]),
        is_set_aside=bool(row["timer__set_aside_reason"]),
        next_due_at=row["timer__due_at"],
        runs=runs,
    )
