"""The way to other periods: those beside a version, and those that there are versions of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jobs.reports.periods import Period
from jobs.reports.reading.days import Days, days_of


@dataclass(frozen=True)
class Offered:
    """A version by its number and what it is about."""

    number: int
    period: Period
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return what tells its period from others."""
        return self.period.start_at, self.period.end_at


@dataclass(frozen=True)
class PeriodBar:
    """What stands beside the version that is shown.

    `offered` has the newest version of each period, the latest period first; `again` is a newer
    version about the same period as the one that is shown.
    """

    days: Days
    offered: list[Offered]
    chosen: int
    older: Offered | None
    newer: Offered | None
    again: Offered | None


def period_bar(shown: Offered, versions: Iterable[Offered]) -> PeriodBar:
    """Return the bar for a version, given those around it: only the same parameters count.

    A version that was made late about a day of long ago stands at that day.
    """
    newest: dict[tuple[datetime, datetime], Offered] = {}
    for one in versions:
        known = newest.get(one.span)
        if one.parameters == shown.parameters and (known is None or known.number < one.number):
            newest[one.span] = one
    here = newest.setdefault(shown.span, shown)
    spans = sorted(newest, reverse=True)
    at = spans.index(shown.span)
    return PeriodBar(
        days=days_of(shown.period),
        offered=[newest[span] for span in spans],
        chosen=here.number,
        older=newest[spans[at + 1]] if at + 1 < len(spans) else None,
        newer=newest[spans[at - 1]] if at else None,
        again=here if here.number > shown.number else None,
    )
