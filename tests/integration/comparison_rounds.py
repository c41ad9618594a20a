"""A whole round of the comparison at once, for tests that look at what it finds."""

from datetime import datetime

from beat.reconcile.comparing import BEFORE_ALL, compare


def compare_all(now: datetime, limit: int = 1000) -> int:
    """Compare every schedule, `limit` at a time; return how many timers were marked."""
    total, after_id = 0, BEFORE_ALL
    while True:
        marked, next_id = compare(now, after_id, limit)
        total += marked
        if next_id is None:
            return total
        after_id = next_id
