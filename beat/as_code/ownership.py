"""Handing a schedule over to a file, and giving it back to the admin."""

from collections.abc import Collection

from django.db import transaction
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.as_code.from_rows import Stored, stored_schedules
from beat.audit.recording import audited
from beat.models import CodeSchedule, Source


def stored_of(schedule_id: int) -> Stored | None:
    """Return a schedule as a file would say it; None when it is gone."""
    found = stored_schedules(PeriodicTask.objects.filter(pk=schedule_id))
    return found[0] if found else None


def why_not_adopted(stored: Stored) -> str:
    """Return why a file cannot have the schedule, or ""."""
    if stored.is_in_code:
        return "It comes from the code already."
    if stored.text is None:
        return f"It is broken, so that no file can say it. {stored.problem}"
    return ""


def adopt(schedule_id: int, asker: Asker) -> str:
    """Let a file have the schedule from now on; return why not, or "".

    It is read-only until it is released; the next sync finds it by its key.
    """
    with transaction.atomic(), audited(asker, "hand over to the file", [schedule_id]):
        list(PeriodicTask.objects.select_for_update(no_key=True).filter(pk=schedule_id))
        stored = stored_of(schedule_id)
        why = why_not_adopted(stored) if stored is not None else "It is gone."
        if stored is not None and stored.text is not None and not why:
            values = {"source": Source.FILE, "key": stored.text.key, "is_in_code": True}
            CodeSchedule.objects.update_or_create(
                schedule_id=schedule_id, defaults={**values, "values": {}}
            )
    return why


def release(keys: Collection[str], asker: Asker) -> list[str]:
    """Let the schedules of these keys be the admin's; return the keys that no file has.

    They stay as they are, with their history. The next sync of a file that still has them says so,
    and takes them only with --adopt.
    """
    with transaction.atomic():
        owned = CodeSchedule.objects.filter(source=Source.FILE, key__in=keys)
        found = dict(owned.select_for_update().values_list("schedule_id", "key"))
        with audited(asker, "release from the file", list(found)):
            CodeSchedule.objects.filter(pk__in=list(found)).delete()
    return sorted(set(keys) - set(found.values()))
