"""Duplicate: a copy of a schedule with its policy, owner and tags, disabled."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import ActionRefusedError, Outcome
from beat.actions.permitted import permitted
from beat.audit.recording import record, snapshot
from beat.models import Policy, ScheduleDetails

MOST_COPIES = 1_000
NAME_LENGTH = 200
NOT_COPIED = {
    PeriodicTask: {"id", "name", "enabled", "last_run_at", "total_run_count", "date_changed"},
    Policy: {"schedule", "is_paused", "paused_until", "pause_reason", "paused_at"},
    ScheduleDetails: {"schedule"},
}


def duplicate(schedule_ids: Iterable[int], asker: Asker, *, why: str = "") -> Outcome:
    """Copy each schedule; `made` are the ids of the copies, in the order of `done`.

    A copy is disabled, has no history, is not paused and does not belong to the code. Who makes
    it needs the permission to add schedules and those to operate the old ones. Raises
    ActionRefusedError.
    """
    may_touch = permitted(schedule_ids, asker, Act.OPERATE)
    those = permitted(may_touch.ids, asker, Act.ADD)
    if len(those.ids) > MOST_COPIES:
        raise ActionRefusedError(f"Copy at most {MOST_COPIES:,} schedules at once.")
    with transaction.atomic():
        copies = _copies(those.ids)
        ids = [copy.pk for copy in copies]
        record(asker, "duplicate", {}, snapshot(ids), why, "a copy of another schedule")
    refused = [*may_touch.refused, *those.refused]
    note = f'Its name is "{copies[0].name}"; it is disabled.' if len(copies) == 1 else ""
    return Outcome("Duplicated", those.ids, refused, ids, note=note)


def name_of_copy(name: str, taken: Collection[str]) -> str:
    """Return "Copy of X", or "Copy of X (2)" and so on, which nobody has, in 200 characters."""
    number = 1
    while True:
        end = "" if number == 1 else f" ({number})"
        found = f"Copy of {name}"[: NAME_LENGTH - len(end)] + end
        if found not in taken:
            return found
        number += 1


def _copies(ids: Sequence[int]) -> list[PeriodicTask]:
    schedules = PeriodicTask.objects.in_bulk(list(ids))
    olds = [schedules[pk] for pk in ids if pk in schedules]
    taken = set(
        PeriodicTask.objects.filter(name__startswith="Copy of ").values_list("name", flat=True)
    )
    copies: list[PeriodicTask] = []
    for old in olds:
        name = name_of_copy(old.name, taken)
        taken.add(name)
        copies.append(PeriodicTask(**_values(old), name=name, enabled=False))
    PeriodicTask.objects.bulk_create(copies, batch_size=200)
    pairs = {old.pk: copy.pk for old, copy in zip(olds, copies, strict=True)}
    belongings: tuple[type[Policy | ScheduleDetails], ...] = (Policy, ScheduleDetails)
    for model in belongings:
        _copy_rows(model, pairs)
    _copy_tags(pairs)
    return copies


def _copy_rows(model: Any, pairs: dict[int, int]) -> None:
    rows = model.objects.filter(pk__in=pairs)
    copies = [model(**_values(row), schedule_id=pairs[row.pk]) for row in rows]
    model.objects.bulk_create(copies, batch_size=200)


def _values(row: Model) -> dict[str, Any]:
    left_out = NOT_COPIED[type(row)]
    fields = [field for field in row._meta.concrete_fields if field.name not in left_out]  # noqa: SLF001
    return {field.attname: getattr(row, field.attname) for field in fields}


def _copy_tags(pairs: dict[int, int]) -> None:
    links = ScheduleDetails.tags.through
    rows = links.objects.filter(scheduledetails_id__in=pairs)
    links.objects.bulk_create(
        links(scheduledetails_id=pairs[row.scheduledetails_id], tag_id=row.tag_id) for row in rows
    )
