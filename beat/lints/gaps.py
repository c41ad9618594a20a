"""Schedules for a local time that a change of the clock jumps over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import Q

from beat.definition import ScheduleRow
from beat.lints.crontabs import crontab_of, crontabs
from beat.lints.lint import Lint
from beat.occurrences import InGap
from beat.occurrences.crontab import Crontab
from beat.occurrences.local_days import ONE_DAY, offset_if_even, stretches_around

LOOK_AHEAD_DAYS = 366
# A rule on every hour has no time of the day that could be missing.
HAS_CHOSEN_HOURS = ~Q(hour="*") & ~Q(timezone="UTC")


@dataclass(frozen=True)
class Gap:
    """Local times that do not exist: from `start` to before `end`, by the clock on the wall."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Missing:
    """A local time of a rule that does not exist, and when the clock goes on."""

    at: datetime
    goes_on_at: datetime


@lru_cache(maxsize=1024)
def gaps(zone: ZoneInfo, first_day: date) -> tuple[Gap, ...]:
    """Return the gaps of a zone from a day on, for a year."""
    days = (first_day + n * ONE_DAY for n in range(LOOK_AHEAD_DAYS))
    found = {gap for day in days if offset_if_even(zone, day) is None for gap in _of(zone, day)}
    return tuple(sorted(found, key=lambda gap: gap.start))


def first_missing(rule: Crontab, first_day: date) -> Missing | None:
    """Return the first local time within a year that the rule names and no clock will show."""
    if rule.is_every_hour:
        return None
    for gap in gaps(rule.zone, first_day):
        if found := _first_within(rule, gap):
            return Missing(found, gap.end)
    return None


def suspects(now: datetime) -> Q:
    """Return that a schedule has one of the crontabs that name a missing time."""
    today = now.astimezone(UTC).date()
    hit = [row_id for row_id, rule in crontabs(HAS_CHOSEN_HOURS) if first_missing(rule, today)]
    return Q(enabled=True, crontab__in=hit)


def judge(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return the next missing time of each schedule that has one."""
    today = now.astimezone(UTC).date()
    found = {}
    for row in rows:
        rule = crontab_of(row) if row.enabled else None
        missing = first_missing(rule, today) if rule else None
        if rule and missing:
            found[row.id] = _sentence(missing, rule.zone.key, row.in_gap)
    return found


def _of(zone: ZoneInfo, day: date) -> list[Gap]:
    stretches = stretches_around(zone, day)
    return [
        Gap(before.end + before.offset, after.start + after.offset)
        for before, after in pairwise(stretches)
        if after.offset > before.offset
    ]


def _first_within(rule: Crontab, gap: Gap) -> datetime | None:
    """Return the first local time of the rule within the gap, which may go over midnight."""
    day = gap.start.date()
    while day <= gap.end.date():
        if (
            day.day in rule.days
            and day.month in rule.months
            and day.isoweekday() % 7 in rule.weekdays
        ):
            midnight = datetime.combine(day, time())
            for minute in rule.minutes:
                local = midnight + timedelta(minutes=minute)
                if gap.start <= local < gap.end:
                    return local
        day += ONE_DAY
    return None


def _sentence(missing: Missing, zone: str, in_gap: str) -> str:
    day, at = f"{missing.at:%Y-%m-%d}", f"{missing.at:%H:%M}"
    goes_on = f"{missing.goes_on_at:%H:%M}"
    does = "It does not run on that day" if in_gap == InGap.SKIP else f"It runs at {goes_on} then"
    return (
        f"On {day} there is no {at} in {zone}: the clock is set forward to {goes_on}. {does}. "
        f"Choose a time that every day has, if that matters."
    )


LINT = Lint(
    key="gap",
    title="At an hour that a day lacks",
    meaning="Within a year the clock will jump over its time of the day.",
    suspects=suspects,
    judge=judge,
)
