"""Rates: when the next run of a key may start. Pure arithmetic; `ledger` keeps the numbers.

The generic cell rate algorithm (ITU-T I.371) without a burst: the runs of a key are one period
apart, and each takes the first place that is free. A place is kept by the run's `publish_at`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

# Machines' clocks differ by so much, and a beat may be so late with a place that it has given.
TOLERANCE = timedelta(seconds=2)


class Places(NamedTuple):
    """The places of a key: the next that is free, and when one was last given."""

    next_at: datetime
    taken_at: datetime


def take(places: Places | None, now: datetime, period: timedelta) -> tuple[datetime, Places]:
    """Return the instant at which one more run may start, and the places that are left.

    A clock that was set back by hours would let new runs wait for hours: the places move back
    with it. Those given before keep their instants, so that for a while twice the rate may start.
    """
    next_at, taken_at = places or Places(now, now)
    if now < taken_at - TOLERANCE:
        next_at, taken_at = next_at - (taken_at - now), now
    go_at = max(next_at, now)
    return go_at, Places(go_at + period, max(taken_at, now))


def holds(place_at: datetime, now: datetime) -> bool:
    """Return whether a run may use the place that was kept for it.

    One that is long past is void: after an outage of beat all that were missed would start at
    once. A weakness that is left: what comes within the tolerance may start together.
    """
    return place_at <= now <= place_at + TOLERANCE
