"""What waits: when the next work falls due and how much waits for the broker."""

from datetime import datetime

from django.db.models import Min

from beat.models import Timer
from jobs.runs.models import Run
from jobs.runs.states import State

COUNTED_AT_MOST = 100_000
NOTHING_WAITS_SECONDS = 3600.0


def seconds_until_due(now: datetime) -> float:
    """Return the seconds until a timer or a run falls due; an hour when none does by then.

    A pending run whose time has come is not counted: it is another beat's, or overlap holds it.
    """
    timers = Timer.objects.filter(due_at__isnull=False, is_stale=False)
    runs = Run.objects.filter(state=State.PENDING, publish_at__gt=now)
    found = (
        timers.aggregate(first=Min("due_at"))["first"],
        runs.aggregate(first=Min("publish_at"))["first"],
    )
    return min(
        ((instant - now).total_seconds() for instant in found if instant),
        default=NOTHING_WAITS_SECONDS,
    )


def is_anything_to_publish(now: datetime) -> bool:
    """Return whether the time of a pending run has come, be it held by another beat or waiting."""
    return Run.objects.filter(state=State.PENDING, publish_at__lte=now).exists()


def runs_that_wait(now: datetime) -> int:
    """Return how many runs should have been published by now; counts to 100,000 at the most."""
    waiting = Run.objects.filter(state=State.PENDING, publish_at__lte=now)
    return waiting.order_by()[:COUNTED_AT_MOST].count()
