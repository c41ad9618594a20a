"""How fresh a report is, in one sentence: what is due, what is under way, what is there. Pure.

"due 06:00, running, usually ready by 06:14; last good copy from yesterday"
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from statistics import median
from uuid import UUID

from jobs.reports.reading.moments import clock, day, wait
from jobs.reports.reading.schedules import Making
from jobs.runs.last_runs import LastRun
from jobs.runs.states import STARTABLE, UNDER_WAY, Kind, State

# The usual time is the median of so many runs.
RUNS_COUNTED = 20
ENDED_WITHOUT = {
    State.FAILED: "failed",
    State.LOST: "failed",
    State.MISSED: "missed",
    State.EXPIRED: "not started in time",
    State.CANCELLED: "cancelled",
    State.SKIPPED: "left out",
}


class Standing(StrEnum):
    """How a report stands; its value is the colour of the badge."""

    FRESH = "good"
    MAKING = "running"
    LATE = "warning"
    FAILED = "failed"
    IDLE = "idle"
    ENDED = "ended"


BADGES = {
    Standing.FRESH: "",
    Standing.MAKING: "being made",
    Standing.LATE: "late",
    Standing.FAILED: "not made",
    Standing.IDLE: "",
    Standing.ENDED: "no longer defined",
}


@dataclass(frozen=True)
class Copy:
    """The newest version that there is."""

    due_at: datetime
    made_at: datetime


@dataclass(frozen=True)
class Freshness:
    """How a report stands, in words; `run_id` is the run under way that makes it."""

    standing: Standing
    words: str
    run_id: UUID | None = None

    @property
    def badge(self) -> str:
        """Return the standing in a word or two; "" where there is nothing to point out."""
        return BADGES[self.standing]


# Of a report that neither code nor SQL defines any more.
ENDED = Freshness(Standing.ENDED, "no new version is made; those that there are stay")


@dataclass(frozen=True)
class Expected:
    """A version that should be there and is not: when it was due, and why not."""

    due_at: datetime
    standing: Standing
    words: str
    making: Making
    run_id: UUID | None = None


def freshness(
    makings: Sequence[Making],
    copy: Copy | None,
    promise: timedelta | None,
    now: datetime,
    zone: tzinfo,
) -> Freshness:
    """Return how fresh a report is that these schedules make; times are told in `zone`.

    `promise` is how long after it is due it should be ready at the latest.
    """
    local = now.astimezone(zone)
    expected = _expected(makings, copy, local)
    if expected is None:
        return Freshness(Standing.FRESH if copy else Standing.IDLE, _what_comes(makings, local))
    late = now - (expected.due_at + promise) if promise is not None else timedelta()
    is_late = late > timedelta()
    parts = [expected.words, f"late by {wait(late)}" if is_late else ""]
    if expected.standing is Standing.FAILED and (_next(makings) or now) > now:
        parts.append(_what_comes(makings, local))
    sentence = f"{', '.join(filter(None, parts))}; {_last_copy(copy, local)}"
    standing = expected.standing
    if is_late and standing is Standing.MAKING:
        standing = Standing.LATE
    return Freshness(standing, sentence, expected.run_id)


def usual_time(runs: Iterable[LastRun]) -> timedelta | None:
    """Return how long after it is due a run is usually over; None while nobody knows.

    Only the schedule's own runs count: others carry a logical time of long ago.
    """
    took = [
        run.finished_at - run.due_at
        for run in runs
        if run.state == State.SUCCEEDED and run.kind == Kind.SCHEDULED and run.finished_at
    ]
    seconds = [each.total_seconds() for each in took[-RUNS_COUNTED:]]
    return timedelta(seconds=median(seconds)) if seconds else None


def _expected(makings: Sequence[Making], copy: Copy | None, now: datetime) -> Expected | None:
    """Return what is under way; else what should have started; else what failed; else None."""
    found = [
        each for making in makings for each in (_under_way(making, now), _overdue(making, now))
    ]
    failed = [_failed(making, copy, now) for making in makings]
    running = [each for each in found if each is not None]
    if running:
        return max(running, key=lambda each: (each.run_id is not None, each.due_at))
    return max(filter(None, failed), key=lambda each: each.due_at, default=None)


def _under_way(making: Making, now: datetime) -> Expected | None:
    run = next((run for run in reversed(making.runs) if _is_now(run, now)), None)
    if run is None:
        return None
    does = "waits to start" if run.state in STARTABLE else "running"
    if run.kind != Kind.SCHEDULED:
        # Its logical time may be long ago; it is nobody's promise.
        return Expected(now, Standing.MAKING, f"asked for, {does}", making, run.id)
    words = f"{_due(run.due_at, now)}, {does}{_ready(making, run.due_at, now)}"
    return Expected(run.due_at, Standing.MAKING, words, making, run.id)


def _is_now(run: LastRun, now: datetime) -> bool:
    return run.state in UNDER_WAY and run.due_at <= now


def _overdue(making: Making, now: datetime) -> Expected | None:
    due_at = making.next_due_at
    if due_at is None or due_at > now or not _is_working(making):
        return None
    words = f"{_due(due_at, now)}, not started yet{_ready(making, due_at, now)}"
    return Expected(due_at, Standing.MAKING, words, making)


def _failed(making: Making, copy: Copy | None, now: datetime) -> Expected | None:
    """Return the last occurrence of which there is no version, if it is newer than the copy."""
    run = next((run for run in reversed(making.runs) if run.kind == Kind.SCHEDULED), None)
    if run is None or run.state not in ENDED_WITHOUT or (copy and copy.due_at >= run.due_at):
        return None
    words = f"{_due(run.due_at, now)}, {ENDED_WITHOUT[State(run.state)]}"
    return Expected(run.due_at, Standing.FAILED, words, making)


def _what_comes(makings: Sequence[Making], now: datetime) -> str:
    if not makings:
        return "no schedule makes it"
    working = [making for making in makings if _is_working(making) and making.next_due_at]
    if working:
        soonest = min(working, key=lambda making: making.next_due_at or now)
        due_at = soonest.next_due_at or now
        ready = _ready(soonest, due_at, now)
        return f"next one {_due(due_at, now)}{ready}"
    if any(making.is_set_aside for making in makings):
        return "its schedule is set aside, since it cannot be computed"
    if any(making.is_paused for making in makings):
        return "its schedule is paused"
    if not any(making.is_on for making in makings):
        return "its schedule is switched off"
    return "nothing more is due"


def _next(makings: Sequence[Making]) -> datetime | None:
    due = [making.next_due_at for making in makings if _is_working(making)]
    return min(filter(None, due), default=None)


def _is_working(making: Making) -> bool:
    return making.is_on and not making.is_paused and not making.is_set_aside


def _due(due_at: datetime, now: datetime) -> str:
    return f"due {clock(due_at.astimezone(now.tzinfo), now)}"


def _ready(making: Making, due_at: datetime, now: datetime) -> str:
    usual = usual_time(making.runs)
    if usual is None:
        return ""
    local = due_at.astimezone(now.tzinfo)
    ready_at = (due_at + usual).astimezone(now.tzinfo)
    # Of the same day as the instant before, the time alone says it.
    told = f"{ready_at:%H:%M}" if ready_at.date() == local.date() else clock(ready_at, now)
    return f", usually ready by {told}"


def _last_copy(copy: Copy | None, now: datetime) -> str:
    if copy is None:
        return "it was never made so far"
    made_at = copy.made_at.astimezone(now.tzinfo)
    if made_at.date() == now.date():
        return f"last good copy from {made_at:%H:%M}"
    return f"last good copy from {day(made_at, now)}"
