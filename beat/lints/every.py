"""All lints, in the order in which people see them, and what they find."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask

from beat.definition import ScheduleRow, schedule_rows
from beat.lints import crowds, gaps, never, slow, unconsumed, unread
from beat.lints.lint import Finding, Lint

LINTS: tuple[Lint, ...] = (
    never.LINT, unconsumed.QUEUE, unconsumed.TASK, slow.LINT, crowds.LINT, gaps.LINT,
    unread.LINT,
)  # fmt: skip


def lint_named(key: str) -> Lint | None:
    """Return the lint of a key."""
    return next((lint for lint in LINTS if lint.key == key), None)


def findings_of(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, list[Finding]]:
    """Return what is found about these schedules; those without a finding are absent."""
    found: dict[int, list[Finding]] = {}
    for lint in LINTS:
        for schedule_id, sentence in lint.judge(rows, now).items():
            found.setdefault(schedule_id, []).append(Finding(lint, sentence))
    return found


def findings_of_schedule(schedule_id: int, now: datetime) -> list[Finding]:
    """Return what is found about one schedule as it is saved; nothing about one that is gone."""
    return findings_of(list(schedule_rows([schedule_id]).values()), now).get(schedule_id, [])


def suspected(lint: Lint, now: datetime) -> "QuerySet[Any]":
    """Return the schedules that a lint suspects, by name."""
    suspects: QuerySet[Any] = PeriodicTask.objects.filter(lint.suspects(now)).order_by("name")
    return suspects
