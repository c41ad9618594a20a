"""Whether schedules fire, judged by progress: what beats have achieved and what is overdue."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, Q

from beat.models import Beat, Timer
from jobs.runs.models import Run
from jobs.runs.states import Overlap, State

RECENT = timedelta(seconds=15)
OVERDUE = timedelta(seconds=15)
COUNTED_AT_MOST = 1_000
# Runs that may wait for an earlier one of their schedule for as long as that takes.
MAY_WAIT = (Overlap.QUEUE_ONE, Overlap.QUEUE_ALL)


@dataclass(frozen=True)
class Health:
    """The facts. Counts end at 1,000; an empty instant means that there is none."""

    beats: int
    last_tick_at: datetime | None
    last_claim_at: datetime | None
    last_publish_at: datetime | None
    overdue_timers: int
    oldest_due_at: datetime | None
    overdue_runs: int
    oldest_publish_at: datetime | None
    stale_timers: int
    set_aside: int

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON types."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def read_health(now: datetime) -> Health:
    """Return the facts at `now`; a few short queries over indexes."""
    last = Beat.objects.aggregate(
        tick=Max("last_tick_at"), claim=Max("last_claim_at"), publish=Max("last_publish_at")
    )
    timers = Timer.objects.filter(is_stale=False, due_at__lt=now - OVERDUE)
    runs = Run.objects.filter(state=State.PENDING, publish_at__lt=now - OVERDUE)
    runs = runs.exclude(overlap__in=MAY_WAIT)
    return Health(
        beats=Beat.objects.filter(last_tick_at__gte=now - RECENT).count(),
        last_tick_at=last["tick"],
        last_claim_at=last["claim"],
        last_publish_at=last["publish"],
        overdue_timers=_bounded_count(timers),
        oldest_due_at=timers.aggregate(first=Min("due_at"))["first"],
        overdue_runs=_bounded_count(runs),
        oldest_publish_at=runs.aggregate(first=Min("publish_at"))["first"],
        stale_timers=_bounded_count(Timer.objects.filter(is_stale=True)),
        set_aside=_bounded_count(Timer.objects.filter(~Q(set_aside_reason=""))),
    )


def problems_of(health: Health, now: datetime) -> list[str]:
    """Return a sentence for each thing that keeps schedules from firing; empty: all is well."""
    if not health.beats:
        ticked = _since(health.last_tick_at, "the last one ticked")
        return [f"No beat is running ({ticked}). Start one: celery -A scheduler_site beat"]
    problems = []
    if _is_old(health.last_claim_at, now):
        problems.append(
            f"Beat runs but cannot claim what is due ({_since(health.last_claim_at, 'last')}). "
            "Its log says why; mostly the database is the reason."
        )
    if _is_old(health.last_publish_at, now):
        problems.append(
            f"Beat runs but cannot publish ({_since(health.last_publish_at, 'last')}). "
            "Look whether the broker is up: python manage.py doctor --only broker"
        )
    return problems + _overdue_problems(health)


def _overdue_problems(health: Health) -> list[str]:
    problems = []
    if health.overdue_timers:
        problems.append(
            f"{_counted(health.overdue_timers, 'schedule')} overdue, the oldest since "
            f"{health.oldest_due_at:%Y-%m-%d %H:%M:%S} UTC. Beat does not keep up: start another."
        )
    if health.overdue_runs:
        problems.append(
            f"{_counted(health.overdue_runs, 'run')} waiting to be published, the oldest since "
            f"{health.oldest_publish_at:%Y-%m-%d %H:%M:%S} UTC. Look at beat's log and the broker."
        )
    return problems


def _is_old(instant: datetime | None, now: datetime) -> bool:
    return instant is None or instant < now - RECENT


def _since(instant: datetime | None, words: str) -> str:
    return f"{words} at {instant:%Y-%m-%d %H:%M:%S} UTC" if instant else "never so far"


def _counted(count: int, noun: str) -> str:
    number = f"{COUNTED_AT_MOST:,} or more" if count > COUNTED_AT_MOST else f"{count:,}"
    return f"{number} {noun} is" if count == 1 else f"{number} {noun}s are"


def _bounded_count(rows: Any) -> int:
    """Return the number of rows up to 1,001: more would only take longer to count."""
    count: int = rows.order_by()[: COUNTED_AT_MOST + 1].count()
    return count
