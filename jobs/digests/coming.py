"""What is due next: by owner, so that it is read once for all members of a group."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q
from django_celery_beat.models import PeriodicTask

from jobs.digests.ownership import OWNER

# A schedule that runs more often than this is no news that somebody waits for.
RARE = timedelta(hours=3)
MOST = 50


class Coming(NamedTuple):
    """A schedule and when it is due next."""

    schedule_id: int
    name: str
    due_at: datetime


def coming_of(owner: int | None, since: datetime, until: datetime) -> list[Coming]:
    """Return what is due of a group's schedules (None: those of nobody), soonest first."""
    return _coming(Q(**{OWNER: owner}), since, until)


def coming_of_all(since: datetime, until: datetime) -> list[Coming]:
    """Return what is due of all schedules."""
    return _coming(Q(), since, until)


def _coming(owned: Q, since: datetime, until: datetime) -> list[Coming]:
    due = Q(timer__due_at__gte=since, timer__due_at__lt=until, timer__is_stale=False)
    rare = Q(last_run_at=None) | Q(last_run_at__lte=F("timer__due_at") - RARE)
    found = PeriodicTask.objects.filter(owned, due, rare, enabled=True)
    rows = found.order_by("timer__due_at", "pk").values_list("pk", "name", "timer__due_at")
    return [Coming(*row) for row in rows[:MOST]]
