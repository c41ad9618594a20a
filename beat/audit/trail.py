"""The trail of one thing, for people to read: the newest entries first, some at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

ENTRIES_SHOWN = 20
# The ids of entries are 32 bits wide, those of schedules too.
LARGEST_ID = 2**31 - 1
KINDS = {
    LogEntry.Action.CREATE: "add",
    LogEntry.Action.UPDATE: "edit",
    LogEntry.Action.DELETE: "delete",
    LogEntry.Action.ACCESS: "look",
}
NOBODY = "somebody unknown"


@dataclass(frozen=True)
class Change:
    """What a value was, and what it became; empty: it was not set."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownEntry:
    """One thing that was done, by whom, from where and why."""

    id: int
    at: datetime
    action: str
    by: str
    origin: str
    address: str
    why: str
    note: str
    changes: tuple[Change, ...]
    # What was added or deleted, with all its values.
    is_whole: bool

    @property
    def summary(self) -> str:
        """Return what the values of something whole are."""
        return f"All {len(self.changes)} values"


@dataclass(frozen=True)
class Trail:
    """Some entries, the newest first; `older_than` is the position of the next page, if any."""

    name: str = ""
    entries: tuple[ShownEntry, ...] = ()
    older_than: int | None = None
    # The page of the whole trail.
    address: str = ""

    @property
    def older_address(self) -> str:
        """Return where the entries before these are."""
        return f"{self.address}?older_than={self.older_than}"


def trail_of(
    model: type[Model], id_: int | None, older_than: int | None = None, count: int = ENTRIES_SHOWN
) -> Trail:
    """Return the trail of a row, whether or not it exists any more; one query."""
    if id_ is None:
        return Trail()
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id=id_
    )
    if older_than is not None:
        entries = entries.filter(pk__lt=older_than)
    found = list(entries.select_related("actor").order_by("-pk")[: count + 1])
    shown = tuple(shown_entry(entry) for entry in found[:count])
    name = found[0].object_repr if found else ""
    return Trail(name, shown, shown[-1].id if len(found) > count else None, _address(model, id_))


def _address(model: type[Model], id_: int) -> str:
    options = model._meta  # noqa: SLF001  # documented
    return reverse(f"admin:{options.app_label}_{options.model_name}_history", args=[id_])


def trail_of_schedule(schedule: PeriodicTask) -> Trail:
    """Return the newest entries of a schedule, for `beat/audit/trail.html`."""
    return trail_of(PeriodicTask, schedule.pk)


def shown_entry(entry: Any) -> ShownEntry:
    """Return an entry as people read it; one that another program wrote says less."""
    told: dict[str, str] = entry.additional_data or {}
    changes: dict[str, list[str]] = entry.changes or {}
    return ShownEntry(
        id=entry.pk,
        at=entry.timestamp,
        action=told.get("action") or KINDS[entry.action],
        by=told.get("by") or str(entry.actor or NOBODY),
        origin=told.get("origin", ""),
        address=told.get("address") or entry.remote_addr or "",
        why=told.get("why", ""),
        note=told.get("note", ""),
        changes=tuple(Change(name, *values) for name, values in changes.items()),
        is_whole=entry.action in (LogEntry.Action.CREATE, LogEntry.Action.DELETE),
    )


def position_of(text: str) -> int | None:
    """Return the number that an address holds; None when it holds none that can be one."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text[:12])
    return number if number <= LARGEST_ID else None
