"""Schedules as the API shows them, in a bounded number of queries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django_celery_beat.models import PeriodicTask

from beat.as_code.from_rows import Stored, stored_schedules
from beat.as_code.writing import words_of
from beat.editing.words import rule_in_words
from beat.models import Policy, Timer

RULES = ("interval", "crontab", "solar", "clocked")


def shown(ids: Sequence[int], now: datetime) -> list[dict[str, Any]]:
    """Return the schedules of these ids, in the order of the ids."""
    rows = PeriodicTask.objects.filter(pk__in=ids)
    schedules = {row.pk: row for row in rows.select_related(*RULES)}
    stored = {item.schedule_id: item for item in stored_schedules(rows)}
    timers = Timer.objects.in_bulk(ids)
    paused = Q(is_paused=True) & (Q(paused_until=None) | Q(paused_until__gt=now))
    policies = Policy.objects.filter(paused, pk__in=ids).in_bulk()
    return [
        _shown(schedules[pk], stored[pk], timers.get(pk), policies.get(pk))
        for pk in ids
        if pk in schedules and pk in stored
    ]


def named(search: str) -> "QuerySet[PeriodicTask]":
    """Return the schedules whose name or task holds the text."""
    schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.all()
    if "\0" in search:
        # PostgreSQL would refuse the query.
        return schedules.none()
    if search:
        schedules = schedules.filter(Q(name__icontains=search) | Q(task__icontains=search))
    return schedules


def _shown(
    schedule: Any, stored: Stored, timer: Timer | None, policy: Policy | None
) -> dict[str, Any]:
    is_known = timer is not None and not timer.is_stale
    pause = {"reason": policy.pause_reason, "until": policy.paused_until} if policy else None
    return {
        "id": schedule.pk,
        "name": schedule.name,
        "task": schedule.task,
        "key": stored.key or None,
        "is_read_only": stored.is_in_code,
        "is_enabled": schedule.enabled,
        "when": rule_in_words(schedule, ZoneInfo(settings.TIME_ZONE)),
        "next_due_at": timer.due_at if timer is not None and is_known else None,
        "set_aside": timer.set_aside_text if timer is not None else "",
        "pause": pause,
        "words": words_of(stored.text) if stored.text is not None else None,
    }
