"""The steps of a plan, written; call it within one transaction."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django_celery_beat.models import PeriodicTask, PeriodicTasks

from beat.as_code.checking import Known
from beat.as_code.plan import Step, StepKind
from beat.as_code.policy_words import columns_of_policy
from beat.as_code.schedule_text import ScheduleText
from beat.as_code.unsaved_row import UNSAVED_RULE, task_columns
from beat.editing.rules import rule_row
from beat.models import CodeSchedule, Policy, ScheduleDetails, Source, Tag

RULES = [name.removesuffix("_id") for name in UNSAVED_RULE]


def write(steps: Iterable[Step], known: Known, now: datetime) -> list[int]:
    """Insert, change and disable what the steps say; return the ids that were touched."""
    chosen = [step for step in steps if step.kind is not StepKind.LEAVE]
    _free_names(chosen)
    ids = [_write(step, known, now) for step in chosen]
    if ids:
        # For stock's scheduler, if somebody has gone back to it; save() would do the same.
        PeriodicTasks.update_changed()
    return ids


def ids_of(steps: Iterable[Step]) -> list[int]:
    """Return the ids of the steps' schedules that exist already."""
    return [step.stored.schedule_id for step in steps if step.stored is not None]


def _free_names(steps: list[Step]) -> None:
    """Let go of the names that change: two schedules may get each other's."""
    for step in steps:
        if step.stored is not None and "name" in step.names:
            unique = f"{step.key[:150]} (is renamed, {step.stored.schedule_id})"
            PeriodicTask.objects.filter(pk=step.stored.schedule_id).update(name=unique)


def insert(text: ScheduleText, known: Known) -> int:
    """Insert a schedule that is nobody's yet; return its id."""
    schedule_id = int(PeriodicTask.objects.create(**_columns(text)).pk)
    _write_policy(schedule_id, text, known)
    _write_details(schedule_id, text, known)
    return schedule_id


def rewrite(
    schedule_id: int, text: ScheduleText, known: Known, now: datetime, names: Collection[str]
) -> None:
    """Write all that the text says of a schedule, by a narrow UPDATE: what beat writes stays.

    `enabled` only if it is among `names`: a one-off that is done stays off.
    """
    columns = _columns(text)
    if "enabled" not in names:
        del columns["enabled"]
    PeriodicTask.objects.filter(pk=schedule_id).update(**columns, date_changed=now)
    _write_policy(schedule_id, text, known)
    _write_details(schedule_id, text, known)


def _write(step: Step, known: Known, now: datetime) -> int:
    if step.text is None:
        return _disable(step, now)
    if step.stored is None:
        schedule_id = insert(step.text, known)
    else:
        schedule_id = step.stored.schedule_id
        rewrite(schedule_id, step.text, known, now, step.names)
    _own(schedule_id, step.text.key)
    return schedule_id


def _disable(step: Step, now: datetime) -> int:
    schedule_id = step.stored.schedule_id if step.stored is not None else 0
    PeriodicTask.objects.filter(pk=schedule_id).update(enabled=False, date_changed=now)
    CodeSchedule.objects.filter(pk=schedule_id).update(is_in_code=False)
    return schedule_id


def _columns(text: ScheduleText) -> dict[str, Any]:
    rule = dict(text.when)
    kind = rule.pop("kind")
    rules = dict.fromkeys(RULES) | {kind: rule_row(kind, rule)}
    return task_columns(text) | rules


def _write_policy(schedule_id: int, text: ScheduleText, known: Known) -> None:
    """Write the policy but for its pause; a schedule whose policy has only defaults needs none."""
    columns = columns_of_policy(text.policy)
    calendar = columns.pop("calendar")
    columns["calendar_id"] = known.calendars[calendar] if calendar is not None else None
    if not Policy.objects.filter(pk=schedule_id).update(**columns) and text.policy:
        Policy.objects.create(schedule_id=schedule_id, **columns)


def _write_details(schedule_id: int, text: ScheduleText, known: Known) -> None:
    owner_id = known.owners[text.owner] if text.owner else None
    if owner_id is None and not text.tags:
        ScheduleDetails.objects.filter(pk=schedule_id).delete()
        return
    details, _ = ScheduleDetails.objects.update_or_create(
        schedule_id=schedule_id, defaults={"owner_id": owner_id}
    )
    details.tags.set([Tag.objects.get_or_create(name=name)[0] for name in text.tags])


def _own(schedule_id: int, key: str) -> None:
    values = {"source": Source.FILE, "key": key, "values": {}, "is_in_code": True}
    CodeSchedule.objects.update_or_create(schedule_id=schedule_id, defaults=values)
