"""Keeps a worker's main process from forking in the midst of a thread's work on the database.

What a child inherits, it inherits as it is at that moment, and not the thread that would tidy up.
Seen with SQLite 3.40, which keeps an account of a process's locks per file: a child that was
forked within another thread's transaction gets "database is locked" for ever, at a connection
of its own. One that was forked while another connection was merely open believes in locks that
it does not have, and works without any ("How To Corrupt An SQLite Database File", 2.6).

Weak: a fork waits for the statement that is under way, and so does the main loop then.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import connection

_work = Lock()


@contextmanager
def database_work() -> Iterator[None]:
    """Let no fork happen within the block; for each thread of the main process that needs one.

    SQLite's connection is closed at its end: it must not be open during the fork either.
    """
    with _work:
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                connection.close()


os.register_at_fork(
    before=_work.acquire,
    after_in_parent=_work.release,
    after_in_child=_work.release,
)
