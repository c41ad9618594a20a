"""The scheduler that `celery beat` loads: `CELERY_BEAT_SCHEDULER = "beat.scheduler:..."`.

It keeps no schedule in memory. Any number of beats may run at the same time.
"""

import os
import secrets
import socket
from typing import Any

import structlog
from celery.beat import Scheduler
from django.conf import settings
from django.db import connection, reset_queries

from beat.process.garbage import search_as_usual, search_rarely
from beat.process.progress import forget
from beat.process.tick import LONGEST_SLEEP_SECONDS, Ticker
from beat.process.watchdog import Watchdog

logger = structlog.get_logger(__name__)

LONGEST_HOST_NAME = 80


def name_of_this_beat() -> str:
    """Return a name that no other beat has, also when containers share host name and pid."""
    host = socket.gethostname()[:LONGEST_HOST_NAME]
    return f"{host}:{os.getpid()}:{secrets.token_hex(3)}"


class PunctualScheduler(Scheduler):
    """Turns due occurrences into runs and hands them to the broker, one tick after the other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is read here: a beat may start while database and broker are away."""
        self.name = name_of_this_beat()
        self._is_ticking = False
        self._has_ticked = False
        self._is_to_end = False
        self._watchdog = Watchdog(settings.BEAT_STALL_SECONDS)
        super().__init__(*args, **kwargs)
        # Celery shows it, and derives from it when a beat counts as stalled.
        self.max_interval = LONGEST_SLEEP_SECONDS  # type: ignore[assignment]
        self._ticker = Ticker(self.app, self.name, self._watchdog.progress)

    def setup_schedule(self) -> None:
        """Leave it to the first tick that reaches the database."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do one pass; return the seconds to sleep until the next."""
        self._is_ticking = True
        try:
            self._renew_connection()
            return self._ticker.tick()
        finally:
            # Not before: the first tick is what loads the last modules.
            if not self._has_ticked:
                search_rarely()
            self._has_ticked = True
            self._is_ticking = False
            self._watchdog.progress()
            self._end_if_asked()

    def close(self) -> None:
        """Leave nothing behind: no thread, no connection, no row among the living beats.

        Celery calls it twice at a SIGTERM: from the signal handler, which may interrupt a tick
        in the middle of a query, and after the loop. Only the second may touch the connection.
        """
        if self._is_ticking:
            self._is_to_end = True
            return
        self._watchdog.stop()
        search_as_usual()
        super().close()
        forget(self.name)
        connection.close()

    def _end_if_asked(self) -> None:
        """End the process as Celery's signal handler wanted to.

        The SystemExit that it raises is lost when the signal arrives within a callback of the
        garbage collector or a destructor (Python prints "Exception ignored"); beat would go on.
        """
        if self._is_to_end:
            raise SystemExit

    def _renew_connection(self) -> None:
        reset_queries()  # With DEBUG on Django remembers them.
        # SQLite's has no age, and closing its last connection costs a checkpoint.
        if connection.vendor != "sqlite":
            connection.close_if_unusable_or_obsolete()
