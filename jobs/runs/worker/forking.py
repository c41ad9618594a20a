"""Keeps a worker's main process from forking in the midst of a thread's work on the database.

A child inherits the locks of C libraries as they are at that moment, and not the thread that
would release them: SQLite's stay locked for ever, and the child hangs at its first query
(SQLite, "How To Corrupt An SQLite Database File", 2.6: forking with an open connection).
"""

import os
from threading import Lock

# Held by a thread of the main process during each of its statements or transactions.
database_work = Lock()

os.register_at_fork(
    before=database_work.acquire,
    after_in_parent=database_work.release,
    after_in_child=database_work.release,
)
