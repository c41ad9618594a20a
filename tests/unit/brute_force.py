"""The instants of a crontab rule by its definition: every minute is looked at, nothing is clever.

It shares no code with beat.occurrences: fields are read by Celery's parser, and the clock on the
wall is asked at each minute. Good for zones whose offsets are whole minutes (all since 1972).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from celery.schedules import crontab_parser

ONE_MINUTE = timedelta(minutes=1)
# An instant depends on the clock up to a day away: Samoa left out a whole one.
AROUND = timedelta(hours=50)


@dataclass(frozen=True)
class Definition:
    """A crontab line, read by Celery's parser."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def has_day(self, day: date) -> bool:
        """Return whether the three fields of the date all match."""
        return (
            day.day in self.days
            and day.month in self.months
            and day.isoweekday() % 7 in self.weekdays
        )

    def has_time(self, local: datetime) -> bool:
        """Return whether hour and minute match."""
        return local.hour in self.hours and local.minute in self.minutes


def read(line: str) -> Definition:
    """Return what a line stands for; raises what Celery raises."""
    minute, hour, day, month, weekday = line.split()
    return Definition(
        frozenset(crontab_parser(60).parse(minute)),
        frozenset(crontab_parser(24).parse(hour)),
        frozenset(crontab_parser(31, 1).parse(day)),
        frozenset(crontab_parser(12, 1).parse(month)),
        frozenset(crontab_parser(7).parse(weekday)),
    )


def instants(
    rule: Definition, zone: ZoneInfo, after: datetime, until: datetime, in_gap: str, repeated: str
) -> list[datetime]:
    """Return the instants after `after` up to and including `until`, in order."""
    walls, ends_of_gaps = _walk(zone, after - AROUND, until + AROUND)
    found: set[datetime] = set()
    for local, seen_at in walls.items():
        if rule.has_day(local.date()) and rule.has_time(local):
            found.update(_of_wall(rule, seen_at, repeated))
    if len(rule.hours) < 24 and in_gap == "after":
        for local, end in ends_of_gaps.items():
            if rule.has_day(local.date()) and rule.has_time(local):
                found.add(end)
    return sorted(instant for instant in found if after < instant <= until)


def _of_wall(rule: Definition, seen_at: list[datetime], repeated: str) -> list[datetime]:
    if len(rule.hours) == 24 or repeated == "both":
        return seen_at
    return seen_at[:1] if repeated == "first" else seen_at[-1:]


def _walk(
    zone: ZoneInfo, begin: datetime, end: datetime
) -> tuple[dict[datetime, list[datetime]], dict[datetime, datetime]]:
    """Return when each local minute is seen, and for each left out the first minute after it."""
    walls: dict[datetime, list[datetime]] = {}
    ends_of_gaps: dict[datetime, datetime] = {}
    instant = begin.replace(second=0, microsecond=0)
    before = instant.astimezone(zone).replace(tzinfo=None) - ONE_MINUTE
    while instant <= end:
        local = instant.astimezone(zone).replace(tzinfo=None)
        missing = before + ONE_MINUTE
        while missing < local:
            ends_of_gaps[missing] = instant
            missing += ONE_MINUTE
        walls.setdefault(local, []).append(instant)
        before = local
        instant += ONE_MINUTE
    return walls, ends_of_gaps
