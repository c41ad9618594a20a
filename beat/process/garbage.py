"""Python's search for cyclic garbage, made rare while a beat runs.

By default every 700 new objects start one, and every hundredth looks at all that lives: Django,
Celery and the thousands of rows in hand. That was a third of a claim's CPU. What a tick makes is
freed by its reference counts; cycles are few, and wait for the next search.
"""

import gc

NEW_OBJECTS_PER_SEARCH = 100_000
DEFAULT_THRESHOLD = gc.get_threshold()


def search_rarely() -> None:
    """Leave what is loaded now out of every search, and search after far more new objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_PER_SEARCH, *DEFAULT_THRESHOLD[1:])


def search_as_usual() -> None:
    """Undo it: the process may go on as something else than a beat."""
    gc.unfreeze()
    gc.set_threshold(*DEFAULT_THRESHOLD)
