"""Writing what the page of a schedule says: rule, schedule, policy, owner and tags together."""

from typing import Any

from django.db import transaction
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.audit.recording import audited, record, snapshot
from beat.editing.editor import Editor
from beat.editing.rules import MODELS, clean_up_unused_rules, rule_row
from beat.models import Policy, ScheduleDetails, Tag


def save(editor: Editor, asker: Asker, why: str = "") -> PeriodicTask:
    """Write the editor's valid forms in one transaction and in the trail; return the schedule.

    Raises IntegrityError or ValidationError when somebody took the name at the same time.
    """
    with transaction.atomic():
        if editor.stored is None:
            schedule = _write(editor)
            record(asker, "add", {}, snapshot([schedule.pk]), why)
            return schedule
        with audited(asker, "edit", [editor.stored.schedule.pk], why):
            schedule = _write(editor)
        _clean_up_after(editor.stored.rule, schedule)
    return schedule


def _write(editor: Editor) -> PeriodicTask:
    schedule: PeriodicTask = editor.schedule.save(commit=False)
    kind = editor.when.cleaned_data["kind"]
    rule = rule_row(kind, editor.when.columns())
    for each in MODELS:
        setattr(schedule, each, rule if each == kind else None)
    schedule.one_off = schedule.one_off or kind == "clocked"
    schedule.args, schedule.kwargs = editor.arguments.texts()
    _save_columns(schedule, [*editor.schedule.Meta.fields, *MODELS, "args", "kwargs"])
    _write_policy(editor, schedule)
    _write_details(editor, schedule)
    return schedule


def _save_columns(schedule: PeriodicTask, columns: list[str]) -> None:
    """Write these columns only: what beat counts meanwhile on the same row is not overwritten."""
    if schedule.pk is None:
        schedule.save()
        return
    # As stock does, a schedule that is off has no last run.
    of_beat = [] if schedule.enabled else ["last_run_at"]
    schedule.save(update_fields=[*columns, *of_beat, "date_changed"])


def _write_policy(editor: Editor, schedule: PeriodicTask) -> None:
    policy: Policy = editor.policy.instance
    is_new = policy._state.adding  # noqa: SLF001 -- documented by Django
    if is_new and not editor.policy.has_changed():
        return
    policy.schedule = schedule
    # A pause is another's to write.
    columns = None if is_new else list(editor.policy.fields)
    policy.save(update_fields=columns)


def _write_details(editor: Editor, schedule: PeriodicTask) -> None:
    wanted = editor.details.cleaned_data
    found = ScheduleDetails.objects.filter(pk=schedule.pk).first()
    if found is None and not wanted["owner"] and not wanted["tags"]:
        return
    details, _ = ScheduleDetails.objects.update_or_create(
        schedule=schedule, defaults={"owner": wanted["owner"]}
    )
    details.tags.set(_tags(wanted["tags"]))


def _tags(names: list[str]) -> list[Tag]:
    """Return the tags of these names, made where they are new."""
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=names))


def _clean_up_after(left: tuple[str, int] | None, schedule: Any) -> None:
    """Delete the rule that the schedule left, once that is certain and if nobody else has it."""
    if left is None:
        return
    kind, rule_id = left
    if getattr(schedule, f"{kind}_id") == rule_id:
        return
    transaction.on_commit(lambda: _clean_up(kind, rule_id), robust=True)


def _clean_up(kind: str, rule_id: int) -> None:
    clean_up_unused_rules({kind: [rule_id]})
