"""The newest occurrences of a long span, without walking through all of it."""

from collections import deque
from datetime import datetime, timedelta

from beat.occurrences.rules import Rule

# The smallest step between two instants, of datetime as of both databases.
RESOLUTION = timedelta(microseconds=1)


def newest(rule: Rule, first: datetime, until: datetime, count: int) -> list[datetime]:
    """Return the newest `count` occurrences from `first` (one itself) to `until`, oldest first.

    A piece at the end of the span is looked at, and a piece twice as long while it holds too few.
    """
    whole = until - first
    piece = _first_guess(rule, first, until, count)
    while piece < whole:
        found = deque(rule.between(until - piece, until), maxlen=count)
        if len(found) == count:
            return list(found)
        piece *= 2
    return list(deque([first, *rule.between(first, until)], maxlen=count))


def _first_guess(rule: Rule, first: datetime, until: datetime, count: int) -> timedelta:
    """Return the length of `count` steps as long as the first one: exact for an interval."""
    following = rule.next(first)
    if following is None or following > until:
        return until - first
    step = following - first
    return step * count if (until - first) // step > count else until - first
