"""The rows of rules that schedules share: found or made when a schedule is saved.

django-celery-beat keeps a rule in a row of its own, and deletes the schedules with it. Nobody has
to know: a rule that is written twice is one row, and a row that nobody uses any more goes away.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from beat.occurrences import CrontabError
from beat.occurrences.fields import DAY_OF_WEEK, numbers_of

# The kind is also the name of the schedule's column.
MODELS: dict[str, type[Model]] = {
    "crontab": CrontabSchedule,
    "interval": IntervalSchedule,
    "clocked": ClockedSchedule,
    "solar": SolarSchedule,
}
# More at once would hold their locks for long.
DELETED_AT_ONCE = 1_000


def rule_row(kind: str, values: Mapping[str, Any]) -> Model:
    """Return the row with these columns, made if there is none; `kind` is a key of MODELS.

    Call it in the transaction that saves the schedule: the row is locked until its end, so that
    nobody removes it as unused in between. Two that make the same row at once make two, which
    harms nobody.
    """
    columns = dict(values)
    if kind == "crontab":
        columns["day_of_week"] = without_seven(columns["day_of_week"])
    model: Any = MODELS[kind]
    with transaction.atomic():
        # The lock is the weakest that keeps a row from being deleted.
        found = model.objects.select_for_update(no_key=True).filter(**columns).order_by("pk")
        row: Model = found.first() or _made(model, columns)
    return row


def _made(model: Any, columns: Mapping[str, Any]) -> Model:
    if model is not SolarSchedule:
        return model.objects.create(**columns)  # type: ignore[no-any-return]
    # Its columns are unique, so that the second of two that make it at once takes the first's.
    row: Model
    row, _ = model.objects.get_or_create(**columns)
    return row


def without_seven(text: str) -> str:
    """Return the days of the week that beat reads, as Celery can: it knows Sunday as 0 only."""
    if "7" not in text:
        return text
    try:
        days = numbers_of(DAY_OF_WEEK, text)
    except CrontabError:
        return text
    return ",".join(map(str, sorted(days)))


def clean_up_unused_rules(kind: str = "", ids: Collection[int] = ()) -> int:
    """Delete rules that no schedule uses, of one kind and of these ids if given; return how many.

    Never one that is used: rows are locked first, whoever is about to use one is let pass, and
    the database looks for schedules again when it deletes. Django's own delete() would take the
    schedules along. Call it after the transaction that left the rule.
    """
    return sum(_clean_up(each, ids) for each in MODELS if kind in {"", each})


def _clean_up(kind: str, ids: Collection[int]) -> int:
    model: Any = MODELS[kind]
    unused = model.objects.filter(~Exists(PeriodicTask.objects.filter(**{kind: OuterRef("pk")})))
    if ids:
        unused = unused.filter(pk__in=ids)
    with transaction.atomic():
        locked = unused.select_for_update(skip_locked=True).order_by("pk")
        free = list(locked.values_list("pk", flat=True)[:DELETED_AT_ONCE])
        # A second statement, which sees the schedules that were saved before the locks were had.
        still_unused = unused.filter(pk__in=free)
        # Documented as Django's own; it alone deletes rows without what refers to them.
        return int(still_unused._raw_delete(still_unused.db) or 0)  # noqa: SLF001
