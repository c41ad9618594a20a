"""Which instants a calendar excludes: its own days and windows, and the holidays of a country."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from beat.calendars.countries import check_country, check_subdivision

ONE_DAY = timedelta(days=1)
MIDNIGHT = time()
NOT_ALLOWED = "not a time that the calendar allows"


@dataclass(frozen=True)
class Entry:
    """A day of every year, or of `year`, by the clock of the calendar's zone.

    Without times it is the whole day. A window holds its start and not its end; one that ends at or
    before its start goes over midnight, and without an end it goes until midnight.
    """

    month: int
    day: int
    year: int | None = None
    starts_at_time: time | None = None
    ends_at_time: time | None = None
    name: str = ""

    def holds(self, local: datetime) -> bool:
        """Return whether a local time falls into the entry."""
        starts, ends = self.starts_at_time or MIDNIGHT, self.ends_at_time or MIDNIGHT
        clock = local.time()
        if starts < ends:
            return self._is_on(local.date()) and starts <= clock < ends
        if clock >= starts and self._is_on(local.date()):
            return True
        return clock < ends and self._is_on(local.date() - ONE_DAY)

    def _is_on(self, day: date) -> bool:
        return (self.month, self.day) == (day.month, day.day) and self.year in {None, day.year}

    def __str__(self) -> str:
        year = "" if self.year is None else f"{self.year:04}-"
        return self.name or f"the calendar's entry for {year}{self.month:02}-{self.day:02}"


@dataclass(frozen=True)
class CalendarRule:
    """Entries and holidays that exclude, or, with `allows`, that alone are allowed.

    `country` and `subdivision` are codes of the `holidays` package, such as DE and BE; empty: no
    holidays. Raises ValueError with a sentence for unknown ones.
    """

    timezone: ZoneInfo
    allows: bool = False
    country: str = ""
    subdivision: str = ""
    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        if self.country:
            check_country(self.country)
        if self.subdivision:
            check_subdivision(self.country, self.subdivision)

    def excludes(self, instant: datetime) -> str:
        """Return why an instant is excluded, such as "Christmas Day", or "" when it is not."""
        found = self._name_at(instant.astimezone(self.timezone))
        if self.allows:
            return "" if found else NOT_ALLOWED
        return found

    def _name_at(self, local: datetime) -> str:
        """Return the name of the entry or holiday that holds a local time, or ""."""
        for entry in self.entries:
            if entry.holds(local):
                return str(entry)
        if not self.country:
            return ""
        return holidays_of(self.country, self.subdivision, local.year).get(local.date(), "")


@lru_cache(maxsize=1024)
def holidays_of(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """Return the names of a year's public holidays by day, in English where the package has it."""
    # Imported where it is needed: most installations have no calendar with a country.
    from holidays import country_holidays  # noqa: PLC0415

    found = country_holidays(
        country, subdiv=subdivision or None, years=year, expand=False, language="en_US"
    )
    return dict(found)
