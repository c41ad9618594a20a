"""The span of time that a digest tells about. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_SPANS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
FURTHEST_BACK = {"daily": timedelta(days=7), "weekly": timedelta(days=28)}


@dataclass(frozen=True)
class Span:
    """From `start_at` up to, and without, `end_at`."""

    start_at: datetime
    end_at: datetime


def span_of(told_until: datetime | None, until: datetime, cadence: str) -> Span | None:
    """Return what to tell somebody who was told everything up to `told_until`.

    A first digest tells one cadence; after a long pause it tells FURTHEST_BACK at most. None when
    they already know everything up to `until`: a run that comes late tells nothing twice.
    """
    if told_until is None:
        return Span(until - FIRST_SPANS[cadence], until)
    if told_until >= until:
        return None
    return Span(max(told_until, until - FURTHEST_BACK[cadence]), until)
