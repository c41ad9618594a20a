"""Undo a skip: the occurrences to come that somebody has skipped will run after all.

Their rows go, so that the claim inserts them as if nobody had skipped them. The trail has both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import Outcome, counted
from beat.actions.permitted import chunks, permitted
from beat.actions.skip_next import REASON
from beat.audit.recording import record, snapshot
from beat.models import Timer
from jobs.runs.models import Run
from jobs.runs.states import Kind

SHOWN = 3


@dataclass(frozen=True)
class Skipped:
    """An occurrence to come that somebody has skipped."""

    run_id: UUID
    schedule_id: int
    due_at: datetime


def undo_skip(schedule_ids: Iterable[int], asker: Asker, *, why: str = "") -> Outcome:
    """Let what was skipped by hand and is still to come run; asking twice changes nothing more.

    An occurrence that a beat claims at this moment stays skipped. Raises ActionRefusedError.
    """
    now = timezone.now()
    those = permitted(schedule_ids, asker, Act.OPERATE)
    undone: list[Skipped] = []
    with transaction.atomic():
        for chunk in chunks(those.ids):
            undone += _undo(chunk, now)
        done = list(dict.fromkeys(one.schedule_id for one in undone))
        seen = snapshot(done)
        record(asker, "undo skip", seen, seen, why, _note(undone), always=True)
    note = " ".join(filter(None, (_note(undone), _others(len(those.ids) - len(done)))))
    return Outcome("Runs what was skipped", done, those.refused, note=note)


def skipped_to_come(schedule_ids: Sequence[int], now: datetime) -> list[Skipped]:
    """Return what somebody has skipped and is still to come, the earliest first."""
    found: list[Skipped] = []
    for chunk in chunks(schedule_ids):
        runs = Run.objects.filter(
            schedule__in=chunk, due_at__gt=now, kind=Kind.SCHEDULED, reason=REASON
        )
        rows = runs.values_list("id", "schedule_id", "due_at")
        found += [Skipped(id_, pk, due_at) for id_, pk, due_at in rows if pk is not None]
    return sorted(found, key=lambda one: one.due_at)


def _undo(schedule_ids: Sequence[int], now: datetime) -> list[Skipped]:
    """Delete the rows of what no beat has claimed; in the caller's transaction.

    A timer that stands behind an occurrence has passed it: it would never be claimed again, and
    its row is all that tells of it. The lock keeps the timers where they are.
    """
    timers = Timer.objects.filter(pk__in=schedule_ids).order_by("pk").select_for_update()
    due = dict(timers.values_list("pk", "due_at"))
    found = [
        one
        for one in skipped_to_come(schedule_ids, now)
        if (due_at := due.get(one.schedule_id)) is None or due_at <= one.due_at
    ]
    for chunk in chunks([one.run_id for one in found]):
        Run.objects.filter(pk__in=chunk).delete()
    return found


def _others(count: int) -> str:
    """Return how many schedules had nothing to undo, as a sentence."""
    return f"Of {counted(count, 'schedule')} nothing to come was skipped." if count else ""


def _note(undone: Sequence[Skipped]) -> str:
    """Return the first instants in words, with how many there are beyond."""
    if not undone:
        return ""
    told = [f"{timezone.localtime(one.due_at):%Y-%m-%d %H:%M:%S}" for one in undone[:SHOWN]]
    more = f" and {counted(len(undone) - SHOWN, 'other occurrence')}" if undone[SHOWN:] else ""
    return f"They will run: {', '.join(told)}{more}."
