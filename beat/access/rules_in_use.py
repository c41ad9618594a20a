"""A rule that schedules use is never deleted under them.

django-celery-beat lets its rules take their schedules along (`on_delete=CASCADE`), and its models
are not ours to change. The database refuses a plain DELETE; Django deletes the schedules first.
What Django calls before any deletion, whoever asks for it, is the one place that sees all of them.
"""

from typing import Any

from django.db.models import Model, ProtectedError, QuerySet
from django.db.models.signals import pre_delete
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

COLUMNS: dict[type[Model], str] = {
    ClockedSchedule: "clocked",
    CrontabSchedule: "crontab",
    IntervalSchedule: "interval",
    SolarSchedule: "solar",
}
NAMED = 5


def schedules_using(rule: Model) -> "QuerySet[PeriodicTask]":
    """Return the schedules that share this rule, by name."""
    schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.order_by("name")
    return schedules.filter(**{COLUMNS[type(rule)]: rule.pk})


def watch_deletions() -> None:
    """Have every deletion of a rule by Django looked at first. Only for the start of the app."""
    for model in COLUMNS:
        pre_delete.connect(refuse_if_used, sender=model)


def refuse_if_used(instance: Model, **_: Any) -> None:
    """Raise ProtectedError, a sentence, when schedules use the rule; nothing is deleted then.

    A schedule that begins to use the rule after this look keeps it by its foreign key.
    """
    # The error names them when it is printed, in a transaction that takes no query any more.
    schedules = schedules_using(instance).select_related(*COLUMNS.values())
    using = list(schedules[: NAMED + 1])
    if using:
        raise ProtectedError(why_not_deleted(instance, using), set(using))


def why_not_deleted(rule: Model, using: list[PeriodicTask]) -> str:
    """Return why a rule stays, and what to do."""
    names = ", ".join(schedule.name for schedule in using[:NAMED])
    more = " and others" if len(using) > NAMED else ""
    return (
        f"The rule '{rule}' is used by {names}{more}. Give them another rule, or delete them first."
    )
