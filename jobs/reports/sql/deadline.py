"""Stopping a query that takes too long, from outside of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Timer

from jobs.reports.sql.errors import too_long


class Deadline:
    """An instant after which a query is stopped; its rows are not waited for either."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._passed = Event()

    @property
    def has_passed(self) -> bool:
        """Return whether it is too late."""
        return self._passed.is_set()

    def check(self) -> None:
        """Raise QueryError when it is too late."""
        if self.has_passed:
            raise too_long(self.seconds)

    def miss(self, stop: Callable[[], object]) -> None:
        """Say that it is too late, and stop the query."""
        self._passed.set()
        stop()


@contextmanager
def deadline(seconds: float, stop: Callable[[], object]) -> Iterator[Deadline]:
    """Have `stop` called from another thread after so many seconds.

    Must lie within the connection's own block: `stop` never runs once this has ended.
    """
    watched = Deadline(seconds)
    timer = Timer(seconds, watched.miss, args=[stop])
    timer.daemon = True
    timer.start()
    try:
        yield watched
    finally:
        timer.cancel()
        timer.join()
