"""What a beat looks after, every few seconds, on behalf of workers that cannot."""

from datetime import datetime, timedelta

from celery import Celery

from beat.rescue.silent_workers import Presence, rescue_silent
from beat.rescue.vanished_messages import rescue_vanished
from jobs.runs.database_clock import database_now

LONGEST_PAUSE = timedelta(seconds=5)


class Rounds:
    """The rescue of runs of silent workers and of vanished messages, by one lease."""

    def __init__(self, app: Celery, lease: timedelta) -> None:
        self._app = app
        self._lease = lease
        self.pause = min(LONGEST_PAUSE, lease / 4)
        self._presence = Presence(lease / 2)

    def silent(self) -> int:
        """Return how many runs were taken from silent workers; needs no broker."""
        now = database_now()
        return rescue_silent(now, self._lease, self._presence.seen(now))

    def vanished(self, now: datetime) -> int:
        """Return how many runs are sent again, their messages being gone; needs the broker."""
        return rescue_vanished(self._app, now, self._lease)
