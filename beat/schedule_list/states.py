"""Where a schedule stands, and when it runs next: pure, from its row and its timer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from beat.definition import ScheduleRow
from beat.models import Timer

Name = Literal["on", "off", "paused", "set-aside"]


@dataclass(frozen=True)
class ScheduleState:
    """The state's name, how long it lasts (None: until somebody changes it), and why."""

    name: Name
    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class NextRun:
    """The instant of the next run, or else the words that stand in its place."""

    due_at: datetime | None = None
    words: str = ""
    # The words end with this instant.
    from_at: datetime | None = None


def state_of(row: ScheduleRow, timer: Timer | None, now: datetime) -> ScheduleState:
    """Return the state; what keeps a schedule from running at all comes first."""
    if not row.enabled:
        return ScheduleState("off")
    if timer is not None and timer.set_aside_reason:
        return ScheduleState("set-aside", why=timer.set_aside_text or timer.set_aside_reason)
    if row.is_paused and (row.paused_until is None or row.paused_until > now):
        return ScheduleState("paused", row.paused_until, row.pause_reason)
    return ScheduleState("on")


def next_run_of(state: ScheduleState, timer: Timer | None) -> NextRun:
    """Return when the schedule runs next. In a pause its timer goes on, and nothing runs."""
    if state.name in {"off", "set-aside"}:
        return NextRun(words="not due")
    if state.name == "paused" and state.until is None:
        return NextRun(words="not until somebody resumes it")
    if timer is None or timer.is_stale:
        return NextRun(words="being worked out")
    if timer.due_at is None:
        return NextRun(words="not due any more")
    if state.until is not None and timer.due_at < state.until:
        return NextRun(words="after the pause, from", from_at=state.until)
    return NextRun(due_at=timer.due_at)
