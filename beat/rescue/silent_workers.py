"""Rescue of the runs of workers that are silent for longer than their lease.

The instants are the database's: heartbeats are written with the same clock.
"""

from datetime import datetime, timedelta

import structlog

from jobs.runs import losing
from jobs.runs.models import Worker

BATCH = 500
# Nobody can tell whether a run goes on that names no worker; a day is long enough to have ended.
NOBODYS_AFTER = timedelta(days=1)

logger = structlog.get_logger(__name__)


class Presence:
    """Since when the database has been there without a gap, as this beat saw it.

    After an outage, or when this beat or its machine stood still, every worker looks silent:
    each gets a whole lease to write its next heartbeat.
    """

    def __init__(self, longest_gap: timedelta) -> None:
        self._longest_gap = longest_gap
        self._since: datetime | None = None
        self._seen_at: datetime | None = None

    def seen(self, now: datetime) -> datetime:
        """Note that the database is there now; return since when it is known to be."""
        if self._since is None or self._seen_at is None or self._is_gap(now - self._seen_at):
            self._since = now
        self._seen_at = now
        return self._since

    def _is_gap(self, pause: timedelta) -> bool:
        # A clock that was set back says nothing about what was in between.
        return pause > self._longest_gap or pause < timedelta()


def rescue_silent(now: datetime, lease: timedelta, known_since: datetime) -> int:
    """Take the runs of silent and ended workers from them; return how many changed.

    Does nothing before the database has been there for a whole lease. Any number of beats may
    call it at the same time; what one that is killed leaves half done, the next call ends.
    """
    if now - known_since < lease:
        return 0
    _end_silent(now, lease)
    total = 0
    while count := losing.lose_held_by_ended(now, BATCH):
        total += count
    return total + losing.end_nobodys(now - NOBODYS_AFTER, now, BATCH)


def _end_silent(now: datetime, lease: timedelta) -> None:
    """End the lives of silent workers: a heartbeat that comes after all finds no row to write."""
    alive = Worker.objects.filter(stopped_at=None)
    silent = alive.filter(heartbeat_at__lt=now - lease)
    for worker in silent.order_by("heartbeat_at")[:BATCH]:
        if silent.filter(id=worker.id).update(stopped_at=now, running_count=0):
            logger.warning(
                "worker is silent; its runs are taken from it",
                worker=worker.name,
                silent_seconds=round((now - worker.heartbeat_at).total_seconds(), 1),
            )
