"""The row in which a beat says what it has achieved: what health is judged by."""

import contextlib
from datetime import datetime, timedelta

from django.db import DatabaseError

from beat.models import Beat

WRITE_EVERY = timedelta(seconds=2)
# Rows of beats that were killed stay this long, for the one who asks what happened.
FORGET_AFTER = timedelta(days=1)


class Progress:
    """Collects what one beat achieves, and writes it down every few seconds."""

    def __init__(self, name: str, now: datetime) -> None:
        host, pid, _ = name.rsplit(":", 2)
        self._row = Beat(name=name, host=host, pid=int(pid), started_at=now, last_tick_at=now)
        self._written_at: datetime | None = None

    def claimed(self, count: int, now: datetime) -> None:
        """Note that a claim came to its end."""
        self._row.last_claim_at = now
        self._row.claimed_count += count

    def published(self, count: int, now: datetime) -> None:
        """Note that publishing came to its end."""
        self._row.last_publish_at = now
        self._row.published_count += count

    def write(self, now: datetime) -> int:
        """Write the row, at most every two seconds; return 1 when it did."""
        # A clock that was set back must not keep the row from being written.
        if self._written_at is not None and abs(now - self._written_at) < WRITE_EVERY:
            return 0
        self._row.last_tick_at = now
        if self._written_at is None:
            Beat.objects.filter(last_tick_at__lt=now - FORGET_AFTER).delete()
        self._row.save()
        self._written_at = now
        return 1


def forget(name: str) -> None:
    """Delete the row of a beat that ends; one that cannot be reached is forgotten later."""
    with contextlib.suppress(DatabaseError):
        Beat.objects.filter(name=name).delete()
