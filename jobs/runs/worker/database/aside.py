"""The thread in which a worker's main process writes into the ledger.

The main loop must not wait for a database, and a connection of the main thread would be shared
with the children that it forks.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from django.db import connection

from jobs.runs.worker.database.forking import database_work
from jobs.runs.worker.database.patience import insist

logger = structlog.get_logger(__name__)

# One thread: what is told first is written first. Python waits for it before it exits.
_thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")


def write(change: Callable[..., str | None], *arguments: Any) -> None:
    """Have the change written soon, with patience for the database; log what it says."""
    _thread.submit(_write, change, arguments)


def _write(change: Callable[..., str | None], arguments: tuple[Any, ...]) -> None:
    context = next(one for one in arguments if hasattr(one, "retries"))
    try:
        event = insist(lambda: _once(change, arguments))
        if event is not None:
            logger.warning(event, run=context.id)
    except Exception:
        # The last resort: nobody waits for this thread's answer.
        logger.exception("the end of a run was not written", run=context.id)


def _once(change: Callable[..., str | None], arguments: tuple[Any, ...]) -> str | None:
    """Make the change on a connection that no fork sees."""
    with database_work():
        try:
            return change(*arguments)
        finally:
            connection.close()
