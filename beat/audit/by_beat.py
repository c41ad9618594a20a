"""What beat itself does to schedules, written down like what people do.

Only what is rare: beat turns once-only schedules off and sets broken ones aside. What it counts
at each run (`last_run_at`, `total_run_count`) is no change that anybody asks about.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.audit.recording import record
from beat.audit.snapshots import Snapshot

RAN_ONCE = "It was to run once, and its run is in the ledger."


class SetAside(NamedTuple):
    """Why a schedule was set aside before, and why it is now; empty: it was, or is, in order."""

    schedule_id: int
    before: str
    after: str


def record_done(schedule_ids: Collection[int]) -> int:
    """Record that once-only schedules were switched off; return how many. In their transaction."""
    names = _names(schedule_ids)
    before: Snapshot = {pk: {"name": name, "enabled": "yes"} for pk, name in names.items()}
    after: Snapshot = {pk: {"name": name, "enabled": "no"} for pk, name in names.items()}
    return record(Asker.beat(), "disable", before, after, note=RAN_ONCE)


def record_set_aside(changes: Sequence[SetAside]) -> int:
    """Record which schedules were set aside and which are in order again; return how many."""
    changes = [change for change in changes if change.before != change.after]
    if not changes:
        return 0
    names = _names([change.schedule_id for change in changes])
    aside = [change for change in changes if change.after]
    mended = [change for change in changes if not change.after]
    return _record("set aside", aside, names) + _record("in order again", mended, names)


def _record(action: str, changes: Sequence[SetAside], names: dict[int, str]) -> int:
    # One that was deleted meanwhile has no name, and nothing to be told.
    kept = [change for change in changes if change.schedule_id in names]
    before, after = {}, {}
    for schedule_id, was, is_now in kept:
        before[schedule_id] = {"name": names[schedule_id], "set aside": was}
        after[schedule_id] = {"name": names[schedule_id], "set aside": is_now}
    return record(Asker.beat(), action, before, after)


def _names(schedule_ids: Collection[int]) -> dict[int, str]:
    schedules = PeriodicTask.objects.filter(pk__in=schedule_ids)
    return dict(schedules.values_list("pk", "name"))
