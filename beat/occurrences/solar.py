"""The instants of the sun: rise, set, noon, dawn and dusk at one place.

Events, horizons and the use of the sun's centre are those of `celery.schedules.solar` (Celery 5.7).
Celery searches from the instant of the last run, so that its answers differ by fractions of a
second from search to search. Here each solar day (midnight to midnight by the sun) is searched
from its own midnight and instants are whole seconds, so that every beat finds the same ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from itertools import takewhile
from typing import Any

from beat.occurrences.rules import RuleError

# Imported without its types: celery-types brings a stub of ephem that knows hardly anything of it.
ephem: Any = import_module("ephem")

ONE_DAY = timedelta(days=1)
HALF_A_SECOND = timedelta(seconds=0.5)
# Polar night ends within half a year; who waits longer, as near a pole, waits for ever.
SEARCHED_DAYS = 400
FIRST_DAY = date(1, 1, 10).toordinal()
LAST_DAY = date(9999, 12, 20).toordinal()
DUSKS_AND_DAWNS = {"civil": "-6", "nautical": "-12", "astronomical": "-18"}


@dataclass(frozen=True)
class Event:
    """How ephem finds an event: by which search, over which horizon, of centre or upper edge."""

    search: str
    horizon: str
    uses_center: bool = False


EVENTS = {
    "solar_noon": Event("next_transit", "0"),
    "sunrise": Event("next_rising", "-0:34"),
    "sunset": Event("next_setting", "-0:34"),
    **{f"dawn_{k}": Event("next_rising", h, True) for k, h in DUSKS_AND_DAWNS.items()},
    **{f"dusk_{k}": Event("next_setting", h, True) for k, h in DUSKS_AND_DAWNS.items()},
}


@dataclass(frozen=True)
class Solar:
    """A rule that is due at an event of the sun; make one with `solar()`."""

    event: str
    latitude: float
    longitude: float

    def next(self, after: datetime) -> datetime | None:
        """Return the first instant after `after` (UTC), or None when 400 days have none."""
        today = self._solar_day(after)
        for day in range(max(today - 1, FIRST_DAY), min(today + SEARCHED_DAYS, LAST_DAY)):
            due = _instant_of_day(self, day)
            if due is not None and due > after:
                return due
        return None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants after `after` up to and including `until`, in order (UTC)."""
        return takewhile(lambda due: due <= until, self._all_after(after))

    def count_between(self, after: datetime, until: datetime) -> int:
        """Return how many instants `between` would yield."""
        return sum(1 for _ in self.between(after, until))

    def _all_after(self, after: datetime) -> Iterator[datetime]:
        due = self.next(after)
        while due is not None:
            yield due
            due = self.next(due)

    def _solar_day(self, instant: datetime) -> int:
        seconds = instant.hour * 3600 + instant.minute * 60 + self.longitude * 240
        return instant.toordinal() + int(seconds // 86_400)


def solar(event: str, latitude: Decimal | float, longitude: Decimal | float) -> Solar:
    """Return the rule of an event at a place in degrees, north and east positive.

    Raises RuleError for an unknown event and for a place that does not exist.
    """
    if event not in EVENTS:
        raise RuleError(f"The solar event {event!r} is unknown; choose one of {', '.join(EVENTS)}.")
    if not -90 <= latitude <= 90:
        raise RuleError(f"The latitude is {latitude}; it must be from -90 to 90 degrees.")
    if not -180 <= longitude <= 180:
        raise RuleError(f"The longitude is {longitude}; it must be from -180 to 180 degrees.")
    return Solar(event, float(latitude), float(longitude))


@lru_cache(maxsize=4096)
def _instant_of_day(rule: Solar, day: int) -> datetime | None:
    """Return the rule's instant on a solar day, or None when the event does not happen on it."""
    event = EVENTS[rule.event]
    observer = _observer(rule, event)
    midnight = _midnight(observer, rule.longitude, day)
    search = getattr(observer, event.search)
    options = {"use_center": True} if event.uses_center else {}
    try:
        found = search(ephem.Sun(), start=midnight, **options)
    except ephem.CircumpolarError:
        return None
    if found >= _midnight(observer, rule.longitude, day + 1):
        return None
    instant: datetime = found.datetime().replace(tzinfo=UTC) + HALF_A_SECOND
    return instant.replace(microsecond=0)


def _observer(rule: Solar, event: Event) -> Any:
    """Return ephem's Observer; a new one each time, since its searches change it."""
    observer = ephem.Observer()
    observer.lat = str(rule.latitude)
    observer.lon = str(rule.longitude)
    observer.elevation = 0
    observer.horizon = event.horizon
    # Refraction is in the horizon already.
    observer.pressure = 0
    return observer


def _midnight(observer: Any, longitude: float, day: int) -> Any:
    """Return when the sun is lowest at the beginning of a solar day, as ephem's Date."""
    # From noon by the mean sun: the true one is up to 17 minutes off, far from midnight.
    noon_before = datetime.combine(date.fromordinal(day) - ONE_DAY, time(12))
    start = ephem.Date(noon_before - timedelta(seconds=longitude * 240))
    return observer.next_antitransit(ephem.Sun(), start=start)
