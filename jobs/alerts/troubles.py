"""Which of the schedules whose policies ask for alerts are in trouble now.

A few queries, however many schedules there are. Policies are beat's: they are read by the
relations of the schedule.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, OuterRef, Q, Subquery
from django.utils.timezone import localtime
from django_celery_beat.models import PeriodicTask

from jobs.alerts.models import Trouble
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from jobs.runs.templatetags.times import duration

# What says whether a schedule works; one that is skipped or cancelled says nothing.
BAD = (State.FAILED, State.LOST, State.MISSED, State.EXPIRED)
DECISIVE = (State.SUCCEEDED, *BAD)
# Runs of the past, and those that leave nothing behind.
NOT_MEANT = (Kind.BACKFILL, Kind.REHEARSAL)
WORDS = {
    State.FAILED: "failed",
    State.LOST: "was lost",
    State.MISSED: "was missed",
    State.EXPIRED: "expired before it started",
}


@dataclass(frozen=True)
class Watched:
    """A schedule whose policy asks for alerts: whom to tell, and of what."""

    schedule_id: int
    name: str
    told_to: str
    on_failure: bool
    late: timedelta | None
    slow: timedelta | None

    def asks_for(self, trouble: str) -> bool:
        """Return whether the policy asks to be told of this."""
        asked = {
            Trouble.FAILED.value: self.on_failure,
            Trouble.LATE.value: self.late is not None,
            Trouble.SLOW.value: self.slow is not None,
        }
        return asked[trouble]


@dataclass(frozen=True)
class Found:
    """A trouble that a schedule is in, as a sentence, and the run that it is about."""

    schedule_id: int
    trouble: Trouble
    sentence: str
    run_id: UUID | None = None


def watched_schedules() -> dict[int, Watched]:
    """Return the schedules that are on and whose policies name somebody to tell, by id."""
    asking = PeriodicTask.objects.filter(enabled=True, policy__alert_to__gt="")
    rows = asking.values_list(
        "pk", "name", "policy__alert_to", "policy__alert_on_failure",
        "policy__alert_late_after_seconds", "policy__alert_slow_after_seconds",
    )  # fmt: skip
    return {
        pk: Watched(pk, name, to, on_failure, _seconds(late), _seconds(slow))
        for pk, name, to, on_failure, late, slow in rows
    }


def troubles(watched: Mapping[int, Watched], now: datetime) -> list[Found]:
    """Return what is wrong now: each trouble of each schedule once."""
    failing = [pk for pk, one in watched.items() if one.on_failure]
    late = {pk: one.late for pk, one in watched.items() if one.late is not None}
    slow = {pk: one.slow for pk, one in watched.items() if one.slow is not None}
    return [*_failed(failing), *_late(late, now), *_slow(slow, now)]


def _seconds(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _failed(schedule_ids: Iterable[int]) -> Iterator[Found]:
    """Yield the schedules of which the last run that says something did not succeed."""
    runs = Run.objects.filter(schedule=OuterRef("pk"), state__in=DECISIVE).exclude(
        kind__in=NOT_MEANT
    )
    # A run that was started again by hand has the same due instant, and counts.
    last = Subquery(runs.order_by("-due_at", "-finished_at").values("pk")[:1])
    schedules = PeriodicTask.objects.filter(pk__in=schedule_ids).annotate(last_run=last)
    bad = Run.objects.filter(pk__in=schedules.values("last_run"), state__in=BAD)
    for run in bad.only("id", "schedule_id", "state", "due_at", "reason_text", "reason"):
        if run.schedule_id is not None:
            reason = run.reason_text or run.reason
            sentence = f"The run that was due on {_at(run.due_at)} {WORDS[State(run.state)]}"
            text = f"{sentence}: {reason}" if reason else f"{sentence}."
            yield Found(run.schedule_id, Trouble.FAILED, text[:600], run.id)


def _late(after: Mapping[int, timedelta], now: datetime) -> Iterator[Found]:
    """Yield the schedules of which an occurrence was due so long ago and has not started."""
    waiting = Run.objects.filter(
        schedule__in=after,
        state__in=(State.PENDING, State.QUEUED),
        started_at=None,
        kind=Kind.SCHEDULED,
    )
    rows = waiting.order_by().values_list("schedule_id").annotate(Min("due_at"))
    # What no beat has claimed yet has no run.
    unclaimed = PeriodicTask.objects.filter(
        Q(timer__due_at__lte=now, timer__is_stale=False), pk__in=after
    )
    for schedule_id, due_at in [*rows, *unclaimed.values_list("pk", "timer__due_at")]:
        if schedule_id is not None and now - due_at >= after[schedule_id]:
            sentence = f"What was due on {_at(due_at)} has not started yet."
            yield Found(schedule_id, Trouble.LATE, sentence)


def _slow(after: Mapping[int, timedelta], now: datetime) -> Iterator[Found]:
    """Yield the schedules of which a run has been running for so long."""
    running = Run.objects.filter(schedule__in=after, state=State.RUNNING).exclude(
        kind__in=NOT_MEANT
    )
    rows = running.order_by("started_at").values_list("schedule_id", "started_at", "id")
    for schedule_id, started_at, run_id in rows:
        if (
            schedule_id is not None
            and started_at is not None
            and now - started_at >= after[schedule_id]
        ):
            sentence = (
                f"The run that started on {_at(started_at)} is still running; it was to take "
                f"less than {duration(after[schedule_id])}."
            )
            yield Found(schedule_id, Trouble.SLOW, sentence, run_id)


def _at(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d at %H:%M}"
