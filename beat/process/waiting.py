"""What waits: what a beat has to do now, and when the next work falls due."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

from jobs.runs.models import Run
from jobs.runs.states import State

COUNTED_AT_MOST = 100_000
NOTHING_WAITS_SECONDS = 3600.0

# Each part is one step into an index that holds little else; see the models' indexes.
LOOK = """
    SELECT
        EXISTS (SELECT 1 FROM beat_timer WHERE is_stale),
        (SELECT min(due_at) FROM beat_timer WHERE due_at IS NOT NULL AND NOT is_stale),
        EXISTS (SELECT 1 FROM runs_run WHERE publish_at <= %s AND state = 'pending'),
        (SELECT min(publish_at) FROM runs_run WHERE publish_at > %s AND state = 'pending'),
        EXISTS (SELECT 1 FROM beat_backfill WHERE ended_at IS NULL)
"""


class Waiting(NamedTuple):
    """What waits for a beat at one moment.

    A pending run whose time has come (`has_runs`) may be another beat's, or held by overlap.
    """

    has_stale_timers: bool
    first_due_at: datetime | None
    has_runs: bool
    next_publish_at: datetime | None
    has_backfills: bool

    def is_due(self, now: datetime) -> bool:
        """Return whether a timer is due."""
        return self.first_due_at is not None and self.first_due_at <= now

    def seconds_until_due(self, now: datetime) -> float:
        """Return the seconds until a timer or a run falls due; an hour when none does by then."""
        return min(
            (
                (instant - now).total_seconds()
                for instant in (self.first_due_at, self.next_publish_at)
                if instant
            ),
            default=NOTHING_WAITS_SECONDS,
        )


def look(now: datetime) -> Waiting:
    """Return what waits, by one statement: a beat that has nothing to do asks nothing else."""
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [moment, moment])
        stale, first_due_at, runs, next_publish_at, backfills = cursor.fetchone()
    return Waiting(
        bool(stale), _instant(first_due_at), bool(runs), _instant(next_publish_at), bool(backfills)
    )


def _instant(value: Any) -> datetime | None:
    """Return an instant as it was stored; SQLite keeps it as a text without a zone, in UTC."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value


def runs_that_wait(now: datetime) -> int:
    """Return how many runs should have been published by now; counts to 100,000 at the most."""
    waiting = Run.objects.filter(state=State.PENDING, publish_at__lte=now)
    return waiting.order_by()[:COUNTED_AT_MOST].count()
