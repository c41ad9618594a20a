"""What a week of the year has brought in the years on record. Pure arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from jobs.reports.weather.file import Observation

# The usual threshold of meteorologists for a wet day.
WET_DAY_MM = 1.0


@dataclass(frozen=True)
class DayRecord:
    """One day of the week, with what was observed on it in each year."""

    day: date
    observations: Sequence[Observation]

    @property
    def mean_high(self) -> float | None:
        """Return the mean of the highest temperatures."""
        return mean(one.highest_celsius for one in self.observations)

    @property
    def mean_low(self) -> float | None:
        """Return the mean of the lowest temperatures."""
        return mean(one.lowest_celsius for one in self.observations)

    @property
    def mean_precipitation(self) -> float | None:
        """Return the mean precipitation in millimetres."""
        return mean(one.precipitation_mm for one in self.observations)

    @property
    def chance_of_rain(self) -> float | None:
        """Return the share of wet days in per cent."""
        return mean(100.0 * is_wet(one) for one in self.observations)


@dataclass(frozen=True)
class YearRecord:
    """The same week in one year; `name` is "2012", or "2012-13" for a week over New Year."""

    name: str
    observations: Sequence[Observation]

    @property
    def wet_days(self) -> int:
        """Return how many days were wet."""
        return sum(is_wet(one) for one in self.observations)

    @property
    def precipitation(self) -> float:
        """Return the sum of precipitation in millimetres."""
        return sum(one.precipitation_mm for one in self.observations)


@dataclass(frozen=True)
class WeekRecord:
    """A week by its days and by the years on record; only years with an observation are in it."""

    days: list[DayRecord]
    years: list[YearRecord]

    @property
    def observations(self) -> list[Observation]:
        """Return every observation, year by year."""
        return [one for year in self.years for one in year.observations]

    @property
    def expected_wet_days(self) -> float:
        """Return how many days of the week are wet in the mean."""
        return sum(day.chance_of_rain or 0.0 for day in self.days) / 100


def week_record(week: Sequence[date], observations: Iterable[Observation]) -> WeekRecord:
    """Return the record of the days of the year that `week` has.

    A day that a year does not have (29 February) is left out of that year. In a week over
    New Year the days after it are counted to the year before, in which that week began.
    """
    by_day = {one.day: one for one in observations}
    years = sorted({day.year for day in by_day} | {day.year - 1 for day in by_day})
    found = {year: _week_in(year, week, by_day) for year in years}
    return WeekRecord(
        days=[
            DayRecord(day, [of_year[day] for of_year in found.values() if day in of_year])
            for day in week
        ],
        years=[
            YearRecord(year_name(week, year), list(of_year.values()))
            for year, of_year in found.items()
            if of_year
        ],
    )


def _week_in(
    year: int, week: Sequence[date], by_day: dict[date, Observation]
) -> dict[date, Observation]:
    """Return what was observed in the week of `year`, by the days of `week`."""
    same_days = {day: same_day(day, year + day.year - week[0].year) for day in week}
    return {day: by_day[same] for day, same in same_days.items() if same in by_day}


def same_day(day: date, year: int) -> date | None:
    """Return the day with the same month and number in `year`, None for a 29 February too many."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def year_name(week: Sequence[date], year: int) -> str:
    """Return what `week` is called in the year in which it begins."""
    spans = week[-1].year - week[0].year
    return f"{year}\N{EN DASH}{(year + 1) % 100:02}" if spans else str(year)


def is_wet(observation: Observation) -> bool:
    """Return whether it rained or snowed enough to speak of it."""
    return observation.precipitation_mm >= WET_DAY_MM


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, or None of nothing."""
    known = list(values)
    return fmean(known) if known else None
