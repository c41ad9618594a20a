"""The instants of a crontab rule in a time zone, by the rules of time that docs/time.md states."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from beat.occurrences import fields
from beat.occurrences.fields import CrontabError
from beat.occurrences.local_days import ONE_DAY, Stretch, offset_if_even, stretches_around
from beat.occurrences.zones import zone_of

FIELDS = (fields.MINUTE, fields.HOUR, fields.DAY_OF_MONTH, fields.MONTH, fields.DAY_OF_WEEK)
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LAST_DAY = date.max - 5 * ONE_DAY
LAST_MONTH = LAST_DAY.replace(day=1)
FIRST_INSTANT = datetime(1, 1, 4, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 25, tzinfo=UTC)
# The Gregorian calendar repeats itself, weekdays included: what 400 years lack never comes.
CYCLE_YEARS = 400


class InGap(StrEnum):
    """What a fixed-hour rule does at a local time that the clock jumps over."""

    AFTER = "after"
    SKIP = "skip"


class Repeated(StrEnum):
    """What a fixed-hour rule does at a local time that occurs twice."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"


# Compared and hashed by identity, which is quick: crontab() keeps the rules that it returned.
@dataclass(frozen=True, eq=False)
class Crontab:
    """A rule that is due on minutes of local days; make one with `crontab()`.

    `minutes` are minutes of the day in order. A rule on every hour keeps its real-time cadence
    through both changes of the clock; one on chosen hours is due once per local time.
    """

    minutes: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_every_hour: bool
    zone: ZoneInfo
    in_gap: InGap
    repeated: Repeated

    def next(self, after: datetime) -> datetime | None:
        """Return the first instant after `after` (UTC), or None when 400 years have none."""
        if not FIRST_INSTANT <= after < LAST_INSTANT:
            return self.next(FIRST_INSTANT) if after < FIRST_INSTANT else None
        local = after.astimezone(self.zone)
        today = local.date()
        if self._is_due_on(today):
            offset = offset_if_even(self.zone, today)
            # On such a day nothing of the day before is left, since it would change the offset.
            if offset is not None:
                position = bisect_right(self.minutes, local.hour * 60 + local.minute)
                if position < len(self.minutes):
                    return _instant(today, self.minutes[position], offset)
                today += 2 * ONE_DAY
        return next(self._from_day(today - ONE_DAY, after), None)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants after `after` up to and including `until`, in order (UTC)."""
        due = self.next(after)
        if due is None or due > until:
            return
        yield due
        for instant in self._from_day(due.astimezone(self.zone).date() - ONE_DAY, due):
            if instant > until:
                return
            yield instant

    def count_between(self, after: datetime, until: datetime) -> int:
        """Return how many instants `between` would yield; a year of every minute takes 0.2 s."""
        return sum(1 for _ in self.between(after, until))

    def _from_day(self, day: date, after: datetime) -> Iterator[datetime]:
        """Yield the instants of the local days from `day` on that are after `after`."""
        latest = after
        give_up_on = _years_later(day)
        for due_day in self._due_days(day):
            # Days whose only times fall into gaps that are skipped have no instant.
            if due_day > give_up_on:
                return
            for instant in self._instants_of(due_day, latest):
                # Days around a change of the clock may share instants.
                if instant > latest:
                    yield instant
                    latest = instant
            if latest > after:
                give_up_on = _years_later(due_day)
                after = latest

    def _due_days(self, day: date) -> Iterator[date]:
        while day < LAST_DAY:
            if day.month not in self.months:
                day = _first_of_next_month(day)
                continue
            if self._is_due_on(day):
                yield day
            day = self._next_candidate(day)

    def _next_candidate(self, day: date) -> date:
        if max(self.days) <= day.day:
            return _first_of_next_month(day)
        return day + ONE_DAY

    def _is_due_on(self, day: date) -> bool:
        return (
            day.day in self.days
            and day.month in self.months
            and day.isoweekday() % 7 in self.weekdays
        )

    def _instants_of(self, day: date, after: datetime) -> Iterable[datetime]:
        """Return the instants of a due day in order; those up to `after` may be left out."""
        offset = offset_if_even(self.zone, day)
        if offset is not None:
            return (_instant(day, minute, offset) for minute in self.minutes)
        instants = _instants_of_two_days(self, day)
        return instants[bisect_right(instants, after) :]

    def instants_of_uneven(self, day: date) -> set[datetime]:
        """Return the instants (naive UTC) of a local day whose clock may change."""
        if not self._is_due_on(day):
            return set()
        stretches = stretches_around(self.zone, day)
        midnight = datetime.combine(day, time())
        found: set[datetime] = set()
        for minute in self.minutes:
            found.update(self._choose(midnight + timedelta(minutes=minute), stretches))
        return found

    def _choose(self, local: datetime, stretches: tuple[Stretch, ...]) -> list[datetime]:
        """Return the instants (naive UTC) of a local time on a day whose clock changes."""
        instants = [
            local - stretch.offset
            for stretch in stretches
            if stretch.start <= local - stretch.offset < stretch.end
        ]
        if self.is_every_hour:
            return instants
        if not instants:
            return [] if self.in_gap is InGap.SKIP else [_end_of_gap(local, stretches)]
        if self.repeated is Repeated.BOTH:
            return instants
        return [instants[0] if self.repeated is Repeated.FIRST else instants[-1]]


@lru_cache(maxsize=256)
def _instants_of_two_days(rule: Crontab, day: date) -> list[datetime]:
    """Return the instants of a day whose clock changes and of the day after it, in order.

    Together, since a clock set back past midnight (in St. John's from 00:01) mixes them.
    """
    found = rule.instants_of_uneven(day) | rule.instants_of_uneven(day + ONE_DAY)
    return sorted(instant.replace(tzinfo=UTC) for instant in found)


def _end_of_gap(local: datetime, stretches: tuple[Stretch, ...]) -> datetime:
    """Return the first instant (naive UTC) whose local time is later than the missing one."""
    return next(stretch.start for stretch in stretches if stretch.start + stretch.offset > local)


def _instant(day: date, minute: int, offset: timedelta) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), UTC) - offset


def _years_later(day: date) -> date:
    """Return the first day of the same month 400 years later, within the calendar."""
    year = day.year + CYCLE_YEARS
    return date(year, day.month, 1) if year <= LAST_DAY.year else LAST_DAY


def _first_of_next_month(day: date) -> date:
    if day >= LAST_MONTH:
        return LAST_DAY
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@lru_cache(maxsize=4096)
def crontab(
    line: str,
    timezone: str,
    in_gap: InGap = InGap.AFTER,
    repeated: Repeated = Repeated.FIRST,
) -> Crontab:
    """Return the rule of a crontab line: minute, hour, day of month, month, day of week.

    Raises CrontabError with a sentence for a line that cannot be read or can never be due, and for
    an unknown zone. Day of month AND day of week must match.
    """
    texts = line.split()
    if len(texts) != len(FIELDS):
        raise CrontabError(
            f"The line has {len(texts)} fields instead of five: "
            "minute, hour, day of month, month, day of week."
        )
    minute, hour, day_of_month, month, day_of_week = texts
    return crontab_of_fields(
        minute,
        hour,
        day_of_month,
        month,
        day_of_week,
        timezone=timezone,
        in_gap=in_gap,
        repeated=repeated,
    )


@lru_cache(maxsize=4096)
def crontab_of_fields(
    minute: str,
    hour: str,
    day_of_month: str,
    month: str,
    day_of_week: str,
    *,
    timezone: str,
    in_gap: InGap = InGap.AFTER,
    repeated: Repeated = Repeated.FIRST,
) -> Crontab:
    """Return the rule of five fields; a field may hold blanks, as in "1, 2", where a line may not.

    Raises CrontabError as `crontab` does.
    """
    texts = (minute, hour, day_of_month, month, day_of_week)
    minutes, hours, days, months, weekdays = map(fields.numbers_of, FIELDS, texts)
    if all(min(days) > LONGEST_MONTHS[number - 1] for number in months):
        raise CrontabError("No month of the rule has that day, so that it would never be due.")
    return Crontab(
        minutes=tuple(h * 60 + m for h in sorted(hours) for m in sorted(minutes)),
        days=days,
        months=months,
        weekdays=weekdays,
        is_every_hour=len(hours) == 24,
        zone=zone_of(timezone),
        in_gap=in_gap,
        repeated=repeated,
    )
