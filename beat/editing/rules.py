"""The rows of rules that schedules share: found or made when a schedule is saved.

django-celery-beat keeps a rule in a row of its own, and deletes the schedules with it. Nobody has
to know: a rule that is written twice is one row, and a row that nobody uses any more goes away.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
AT_ONCE = 1_000
Rules = dict[str, set[int]]


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


def rules_of(schedule_ids: Sequence[int]) -> Rules:
    """Return the rules that the schedules use now: ids by kind."""
    found: Rules = {kind: set() for kind in MODELS}
    columns = [f"{kind}_id" for kind in MODELS]
    for part in _parts(schedule_ids):
        for rule_ids in PeriodicTask.objects.filter(pk__in=part).values_list(*columns):
            for kind, rule_id in zip(MODELS, rule_ids, strict=True):
                if rule_id is not None:
                    found[kind].add(rule_id)
    return found


def clean_up_unused_rules(let_go: Mapping[str, Collection[int]]) -> int:
    """Delete those of these rules, ids by kind, that no schedule uses; return how many.

    Only what the caller's edit let go: a rule elsewhere may have been made for a schedule that is
    saved next. Never one that is used: rows are locked first, whoever is about to use one is let
    pass, and the database looks for schedules again when it deletes. Django's own delete() would
    take the schedules along. Call it after the transaction that left the rules.
    """
    return sum(
        _clean_up(kind, part) for kind, ids in let_go.items() for part in _parts(sorted(ids))
    )


def _clean_up(kind: str, ids: Sequence[int]) -> int:
    model: Any = MODELS[kind]
    unused = model.objects.filter(~Exists(PeriodicTask.objects.filter(**{kind: OuterRef("pk")})))
    with transaction.atomic():
        locked = unused.filter(pk__in=ids).select_for_update(skip_locked=True).order_by("pk")
        # A second statement, which sees the schedules that were saved before the locks were had.
        still_unused = unused.filter(pk__in=list(locked.values_list("pk", flat=True)))
        # Documented as Django's own; it alone deletes rows without what refers to them.
        return int(still_unused._raw_delete(still_unused.db) or 0)  # noqa: SLF001


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))
