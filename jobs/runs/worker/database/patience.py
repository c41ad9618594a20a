"""Writing into the ledger while the database may be away.

What a task has done must be written down, and what a worker has taken from the queue must not be
dropped: so it waits for the database, for PATIENCE_SECONDS at the most.
"""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

DATABASE_AWAY = (OperationalError, InterfaceError)
PATIENCE_SECONDS = 300.0
PAUSES_SECONDS = (0.1, 0.5, 1.0, 2.0)

T = TypeVar("T")

logger = structlog.get_logger(__name__)


def insist(write: Callable[[], T]) -> T:
    """Return what `write` returns, tried again with a new connection while the database is away.

    Raise the database's error after PATIENCE_SECONDS, and at once within a transaction, which
    only the one who opened it can repeat. Where the connection broke after the commit and before
    the answer, `write` has been done and is done again: its guard says so.
    """
    began_at = time.monotonic()
    for pause_seconds in _pauses():
        try:
            return write()
        except DATABASE_AWAY as problem:
            waited_seconds = time.monotonic() - began_at
            if connection.in_atomic_block or waited_seconds > PATIENCE_SECONDS:
                raise
            _tell(waited_seconds, problem)
            connection.close()
        time.sleep(pause_seconds)
    raise AssertionError("the pauses have no end")


def _pauses() -> Iterator[float]:
    yield from PAUSES_SECONDS
    while True:
        yield PAUSES_SECONDS[-1]


def _tell(waited_seconds: float, problem: Exception) -> None:
    if waited_seconds < PAUSES_SECONDS[0]:
        logger.warning("the database is away: the ledger waits for it", error=str(problem).strip())
