"""The thread of a worker that watches beat, and looks for troubles when nobody else does.

It lives in the worker's main process, which executes no tasks: it needs neither beat nor broker,
only the database and the mail server.
"""

import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from jobs.alerts.looking import look_as_worker
from jobs.runs.database_clock import database_now
from jobs.runs.worker.database.forking import database_work

LOOKS_PER_SILENCE = 4
LONGEST_PAUSE_SECONDS = 30.0

logger = structlog.get_logger(__name__)


class Watchman:
    """Looks from `start` to `end`; errors make it try again, none makes it stop."""

    def __init__(self) -> None:
        pause_seconds = min(settings.BEAT_SILENT_SECONDS / LOOKS_PER_SILENCE, LONGEST_PAUSE_SECONDS)
        self._pause = timedelta(seconds=pause_seconds)
        self._is_over = threading.Event()
        # Since when it has lived and reached the database.
        self._up_since: datetime | None = None
        self._has_trouble = False
        self._thread = threading.Thread(target=self._go_on, name="Watchman", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Look no more; may be called by a signal handler."""
        self._is_over.set()

    def look(self) -> int | None:
        """Look once; return the number of mails, None where there was nothing to tell."""
        with database_work():
            now = database_now()
        self._up_since = self._up_since or now
        return look_as_worker(now, self._up_since, self._pause, database_work)

    def _go_on(self) -> None:
        while not self._is_over.wait(self._pause.total_seconds()):
            self._look_or_tell()
            # Not kept: it is needed too seldom.
            with database_work():
                connection.close()

    def _look_or_tell(self) -> None:
        try:
            self.look()
        except (DatabaseError, InterfaceError) as problem:
            # Beat could not tick either, and gets the time to come back.
            self._up_since = None
            if not self._has_trouble:
                logger.warning("beat is not watched: the database is away", error=str(problem))
            self._has_trouble = True
        except Exception:
            logger.exception("a look for troubles failed; the next one is tried")
        else:
            self._has_trouble = False


_watchman: Watchman | None = None


def connect() -> None:
    """Let each worker of this process have its watchman, unless BEAT_SILENT_SECONDS is 0."""
    signals.worker_init.connect(_start)
    signals.worker_shutting_down.connect(_end)


def _start(**_: Any) -> None:
    global _watchman  # noqa: PLW0603 (a process is at most one worker's)
    if settings.BEAT_SILENT_SECONDS:
        _watchman = Watchman()
        _watchman.start()


def _end(**_: Any) -> None:
    if _watchman is not None:
        _watchman.end()
