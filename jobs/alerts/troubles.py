"""Which schedules are in trouble now, of those of which somebody wants to be told.

A few queries, which cost what is in trouble and under way rather than what there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localtime
from django_celery_beat.models import PeriodicTask

from jobs.alerts.asked import asks_for, told_to
from jobs.alerts.models import Alert, Trouble
from jobs.runs.models import Run
from jobs.runs.states import Kind, State
from jobs.runs.templatetags.times import duration

# What says whether a schedule works; one that is skipped or cancelled says nothing.
BAD = (State.FAILED, State.LOST, State.MISSED, State.EXPIRED)
DECISIVE = (State.SUCCEEDED, *BAD)
# Runs of the past, and those that leave nothing behind.
NOT_MEANT = (Kind.BACKFILL, Kind.REHEARSAL)
# What was due earlier begins no alert, so that old failures need not be read each minute.
LOOKED_BACK = timedelta(days=30)
WORDS = {
    State.FAILED: "failed",
    State.LOST: "was lost",
    State.MISSED: "was missed",
    State.EXPIRED: "expired before it started",
}


@dataclass(frozen=True)
class Found:
    """A trouble that a schedule is in, whom to tell, and the run that it is about."""

    schedule_id: int
    schedule_name: str
    told_to: str
    trouble: Trouble
    sentence: str
    run_id: UUID | None = None


def troubles(now: datetime) -> Iterator[Found]:
    """Yield what is wrong now; of several things of one kind the oldest of a schedule first."""
    yield from _failed(now)
    yield from _broken()
    yield from _late(now)
    yield from _slow(now)


def _failed(now: datetime) -> Iterator[Found]:
    """Yield the schedules of which the last run that says something did not succeed."""
    runs = Run.objects.filter(schedule=OuterRef("pk"), state__in=DECISIVE).exclude(
        kind__in=NOT_MEANT
    )
    # A run that was started again by hand has the same due instant, and counts.
    last = Subquery(runs.order_by("-due_at", "-finished_at").values("pk")[:1])
    schedules = _in_question(now).annotate(last_run=last)
    bad = Run.objects.filter(pk__in=schedules.values("last_run"), state__in=BAD)
    rows = bad.values_list(
        "schedule_id", "schedule__name", "schedule__policy__alert_to",
        "id", "state", "due_at", "reason_text", "reason",
    )  # fmt: skip
    for schedule_id, name, to, run_id, state, due_at, text, reason in rows:
        begin = f"The run that was due on {_at(due_at)} {WORDS[State(state)]}"
        why = text or reason
        sentence = f"{begin}: {why}" if why else f"{begin}."
        yield Found(schedule_id, name, told_to(to), Trouble.FAILED, sentence, run_id)


def _in_question(now: datetime) -> QuerySet[PeriodicTask]:
    """Return the schedules of which a run failed lately, or that are known to be failing."""
    bad = Run.objects.filter(
        state__in=BAD, due_at__gte=now - LOOKED_BACK, schedule__isnull=False
    ).order_by()
    known = Alert.objects.filter(over_at=None, trouble=Trouble.FAILED, schedule__isnull=False)
    meant = Q(pk__in=bad.values("schedule").union(known.values("schedule")))
    schedules: QuerySet[PeriodicTask] = PeriodicTask.objects.filter(meant)
    return schedules.filter(asks_for(Trouble.FAILED))


def _broken() -> Iterator[Found]:
    """Yield the schedules that beat cannot compute."""
    schedules = PeriodicTask.objects.filter(
        asks_for(Trouble.BROKEN), timer__set_aside_reason__gt=""
    )
    rows = schedules.values_list(
        "pk", "name", "policy__alert_to", "timer__set_aside_text", "timer__set_aside_reason"
    )
    for schedule_id, name, to, text, reason in rows:
        sentence = f"It was set aside and is not due any more: {text or reason}"
        yield Found(schedule_id, name, told_to(to), Trouble.BROKEN, sentence)


def _late(now: datetime) -> Iterator[Found]:
    """Yield the schedules of which an occurrence was due so long ago and has not started."""
    asking = PeriodicTask.objects.filter(asks_for(Trouble.LATE))
    names = ("name", "policy__alert_to", "policy__alert_late_after_seconds")
    waiting = Run.objects.filter(
        schedule__in=asking,
        state__in=(State.PENDING, State.QUEUED),
        started_at=None,
        kind=Kind.SCHEDULED,
    )
    of_runs = waiting.order_by().values_list("schedule", *(f"schedule__{name}" for name in names))
    # What no beat has claimed yet has no run.
    unclaimed = asking.filter(timer__due_at__lte=now, timer__is_stale=False)
    rows = [
        *of_runs.annotate(Min("due_at")),
        *unclaimed.values_list("pk", *names, "timer__due_at"),
    ]
    for schedule_id, name, to, seconds, due_at in rows:
        if now - due_at >= timedelta(seconds=seconds):
            sentence = f"What was due on {_at(due_at)} has not started yet."
            yield Found(schedule_id, name, told_to(to), Trouble.LATE, sentence)


def _slow(now: datetime) -> Iterator[Found]:
    """Yield the schedules of which a run has been running for so long."""
    running = Run.objects.filter(
        schedule__in=PeriodicTask.objects.filter(asks_for(Trouble.SLOW)), state=State.RUNNING
    ).exclude(kind__in=NOT_MEANT)
    rows = running.order_by("started_at").values_list(
        "schedule_id", "schedule__name", "schedule__policy__alert_to",
        "schedule__policy__alert_slow_after_seconds", "started_at", "id",
    )  # fmt: skip
    for schedule_id, name, to, seconds, started_at, run_id in rows:
        longest = timedelta(seconds=seconds or 0)
        if started_at is not None and now - started_at >= longest:
            sentence = (
                f"The run that started on {_at(started_at)} is still running; it was to take "
                f"less than {duration(longest)}."
            )
            yield Found(schedule_id, name, told_to(to), Trouble.SLOW, sentence, run_id)


def _at(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d at %H:%M}"
