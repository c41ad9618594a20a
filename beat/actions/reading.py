"""Schedules as an action needs them: the rows, with their timers' anchors; a few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beat.actions.outcome import Refusal
from beat.actions.permitted import Permitted, chunks
from beat.definition import ScheduleRow, schedule_rows
from beat.models import Timer

TimerValues = Sequence[Any]
NO_TIMER: TimerValues = (None, None, True)


@dataclass(frozen=True)
class Known:
    """A schedule's row and what its timer says; without a timer its instants are None."""

    row: ScheduleRow
    anchor_at: datetime | None
    due_at: datetime | None
    # An edit that beat has not seen yet may move it.
    is_stale: bool


def known_schedules(those: Permitted) -> tuple[list[Known], list[Refusal]]:
    """Return the permitted schedules in their order, and refusals of what cannot be read."""
    rows = schedule_rows(those.ids)
    timers = _timers(those.ids)
    known = [Known(rows[pk], *timers.get(pk, NO_TIMER)) for pk in those.ids if pk in rows]
    unreadable = [
        Refusal(pk, name, "It holds a value that cannot be read. Open its page and save it again.")
        for pk, name in those.names.items()
        if pk not in rows
    ]
    return known, unreadable


def _timers(ids: Sequence[int]) -> dict[int, TimerValues]:
    found: dict[int, TimerValues] = {}
    for chunk in chunks(ids):
        timers = Timer.objects.filter(schedule__in=chunk)
        rows = timers.values_list("schedule_id", "anchor_at", "due_at", "is_stale")
        found.update((pk, values) for pk, *values in rows)
    return found
