"""One look: troubles are found and told, by whoever comes first."""

from datetime import datetime, timedelta

from jobs.alerts.models import Watch
from jobs.alerts.silence import ROW, the_watch, watch_beat
from jobs.alerts.telling import Ledger, tell
from jobs.alerts.watching import watch

# Beat has somebody look every minute; when nobody has for so long, workers do by themselves.
LONGEST_WITHOUT_LOOK = timedelta(minutes=3)


def look(now: datetime) -> tuple[int, int]:
    """Begin and end the alerts of schedules; return how many of each."""
    the_watch(now)
    Watch.objects.filter(pk=ROW).update(looked_at=now)
    return watch(now)


def look_as_worker(
    now: datetime, up_since: datetime, pause: timedelta, ledger: Ledger
) -> int | None:
    """Watch beat, look where nobody has for long, and tell; return the number of mails.

    None: there is nothing to tell. `now` and `up_since` (since when this worker has reached the
    database) are of the database's clock. Of all workers one does so in a `pause`.
    """
    with ledger():
        if not _is_first(now, pause):
            return None
        has_changed = watch_beat(now, up_since)
        if _is_overdue(now):
            look(now)
            has_changed = True
    return tell(now, ledger) if has_changed else None


def _is_first(now: datetime, pause: timedelta) -> bool:
    """Return whether no other worker looks after beat now; three quarters are a pause too."""
    since = now - pause * 3 / 4
    # Read first: SQLite takes its write lock for an update of nothing too.
    if the_watch(now).beat_looked_at > since:
        return False
    free = Watch.objects.filter(pk=ROW, beat_looked_at__lte=since)
    return free.update(beat_looked_at=now) == 1


def _is_overdue(now: datetime) -> bool:
    return Watch.objects.filter(pk=ROW, looked_at__lt=now - LONGEST_WITHOUT_LOOK).exists()
