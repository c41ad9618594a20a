"""The days that a reader asks about: one, a week or a month. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from jobs.reports.periods import Period
from jobs.runs.local_times import first_instant

ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)
# Also what people type into a browser that has no field for weeks and months.
WRITTEN_WEEK = re.compile(r"(\d{4})[- ]?W ?(\d{1,2})", re.ASCII | re.IGNORECASE)
WRITTEN_MONTH = re.compile(r"(\d{4})[-/ ](\d{1,2})", re.ASCII)


class Unit(StrEnum):
    """What a reader picks; its value is the name of the form's field."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Days:
    """The days of one unit, from `first` to `last`, in whatever zone a version is."""

    unit: Unit
    first: date

    @property
    def last(self) -> date:
        """Return the last day."""
        if self.unit is Unit.MONTH:
            return (self.first + timedelta(days=31)).replace(day=1) - ONE_DAY
        return self.first + (WEEK if self.unit is Unit.WEEK else ONE_DAY) - ONE_DAY

    @property
    def written(self) -> str:
        """Return what the form's field holds: 2026-11-21, 2026-W47 or 2026-11."""
        if self.unit is Unit.WEEK:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return self.first.isoformat() if self.unit is Unit.DAY else f"{self.first:%Y-%m}"

    @property
    def label(self) -> str:
        """Return the days as people write them."""
        if self.unit is Unit.MONTH:
            return f"{self.first:%B %Y}"
        if self.unit is Unit.WEEK:
            return f"week {self.first.isocalendar().week} of {self.first.isocalendar().year}"
        return f"{self.first.day} {self.first:%B %Y}"

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """Return the instant at which the days begin in the zone, and that at which they end.

        They are the same for a day that the zone left out.
        """
        return _bounds(self.first, self.last, zone)


def days_with(unit: Unit, day: date) -> Days:
    """Return the day itself, or the ISO week or the month that holds it."""
    if unit is Unit.WEEK:
        return Days(unit, day - timedelta(days=day.weekday()))
    return Days(unit, day if unit is Unit.DAY else day.replace(day=1))


def days_written(unit: Unit, text: str) -> Days:
    """Return the days that somebody wrote; raise ValueError for what is none."""
    if unit is Unit.DAY:
        return Days(unit, date.fromisoformat(text.strip()))
    shape = WRITTEN_WEEK if unit is Unit.WEEK else WRITTEN_MONTH
    found = shape.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no {unit}.")
    year, number = int(found[1]), int(found[2])
    if unit is Unit.WEEK:
        return Days(unit, date.fromisocalendar(year, number, 1))
    return Days(unit, date(year, number, 1))


def days_of(period: Period) -> Days:
    """Return the week or the month that a version is about, else the first day of its span."""
    for unit in (Unit.WEEK, Unit.MONTH):
        days = days_with(unit, period.first_day)
        if days.bounds(period.zone) == (period.start_at, period.end_at):
            return days
    return Days(Unit.DAY, period.first_day)


@lru_cache(maxsize=256)
def _bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    return first_instant(first, time(), zone), first_instant(last + ONE_DAY, time(), zone)
