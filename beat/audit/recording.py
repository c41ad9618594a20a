"""Writing down what was done: one entry for each schedule, with its difference."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.audit.snapshots import Snapshot, snapshot

__all__ = ["Snapshot", "audited", "record", "snapshot"]

ENTRIES_PER_INSERT = 1_000
# A value beyond it is shortened in the trail; that it changed is seen nevertheless.
LONGEST_VALUE = 2_000
LONGEST_WHY = 1_000


def record(
    asker: Asker,
    action: str,
    before: Snapshot,
    after: Snapshot,
    why: str = "",
    note: str = "",
    *,
    always: bool = False,
    of: type[Model] = PeriodicTask,
) -> int:
    """Write one entry for each schedule whose snapshots differ; return how many.

    With `always`, also for those that do not differ: a run by hand leaves a schedule as it was.
    `note` says what the difference cannot, such as which run it made. An id that is missing
    before was added, one that is missing after was deleted. `of` is the model of the ids.
    Belongs into the transaction of the change. Bulk: one statement per 1,000 entries.
    """
    same = {
        "content_type": ContentType.objects.get_for_model(of),
        "timestamp": timezone.now(),
        "actor_id": asker.user_id,
        "remote_addr": _network_address(asker.address),
        "additional_data": _told(asker, action, why, note),
    }
    entries = [
        _entry(same, id_, before.get(id_), after.get(id_))
        for id_ in before.keys() | after.keys()
        if always or before.get(id_) != after.get(id_)
    ]
    LogEntry.objects.bulk_create(entries, batch_size=ENTRIES_PER_INSERT)
    return len(entries)


@contextmanager
def audited(
    asker: Asker,
    action: str,
    schedule_ids: Collection[int],
    why: str = "",
    note: str = "",
    *,
    always: bool = False,
) -> Iterator[None]:
    """Record what the block changes of these schedules, in one transaction with it."""
    with transaction.atomic():
        before = snapshot(schedule_ids)
        yield
        record(asker, action, before, snapshot(schedule_ids), why, note, always=always)


def _told(asker: Asker, action: str, why: str, note: str) -> dict[str, str]:
    """Return what an entry says beside the difference; without empty words."""
    told = {
        "action": action,
        "by": asker.name,
        "origin": asker.origin,
        "address": asker.address,
        "why": why[:LONGEST_WHY],
        "note": note[:LONGEST_WHY],
    }
    return {key: text for key, text in told.items() if text}


def _entry(
    same: dict[str, Any],
    id_: int,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
) -> LogEntry:
    """Return an entry; `same` is what all entries of one action have in common."""
    return LogEntry(
        object_pk=str(id_),
        object_id=id_,
        object_repr=_title(after or before or {}, id_),
        action=_kind(before, after),
        changes=_difference(before or {}, after or {}),
        **same,
    )


def _title(values: dict[str, str], id_: int) -> str:
    """Return what it is called; rules have no name."""
    return values.get("name") or values.get("rule") or str(id_)


def _kind(before: dict[str, str] | None, after: dict[str, str] | None) -> int:
    if before is None:
        return int(LogEntry.Action.CREATE)
    return int(LogEntry.Action.UPDATE if after is not None else LogEntry.Action.DELETE)


def _difference(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """Return [old, new] of each name whose value differs, in the order of the names."""
    names = before if before.keys() == after.keys() else dict.fromkeys([*before, *after])
    return {
        name: [_short(before.get(name, "")), _short(after.get(name, ""))]
        for name in names
        if before.get(name, "") != after.get(name, "")
    }


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}… (shortened)"


def _network_address(address: str) -> str | None:
    """Return the address if it is one; a host's name is none, and the column takes no other."""
    try:
        return str(ip_address(address))
    except ValueError:
        return None
