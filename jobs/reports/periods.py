"""The span of time that a report is about, and the rules that find it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PeriodRule = Callable[[datetime], "Period"]


@dataclass(frozen=True)
class Period:
    """A span from `start_at` up to, and without, `end_at`; both aware.

    `zone` names the time zone in which the report's days and instants are meant and shown.
    """

    start_at: datetime
    end_at: datetime
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Raise ValueError with a sentence when the span is not one."""
        if self.start_at.tzinfo is None or self.end_at.tzinfo is None:
            raise ValueError("A period needs aware datetimes; give both a time zone.")
        if self.end_at <= self.start_at:
            raise ValueError(f"A period must end after it starts, not at {self.end_at}.")

    @property
    def start(self) -> datetime:
        """Return the start in the period's own zone."""
        return self.start_at.astimezone(ZoneInfo(self.zone))

    @property
    def end(self) -> datetime:
        """Return the end in the period's own zone."""
        return self.end_at.astimezone(ZoneInfo(self.zone))

    @property
    def first_day(self) -> date:
        """Return the local day on which the period starts."""
        return self.start.date()

    @property
    def last_day(self) -> date:
        """Return the last local day of which the period holds a moment."""
        return (self.end - timedelta(microseconds=1)).date()

    @property
    def days(self) -> list[date]:
        """Return every local day that the period touches, in order."""
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=offset) for offset in range(count)]

    @property
    def label(self) -> str:
        """Return the span as people write it: whole days as days, all else with its times."""
        if self.start.time() == self.end.time() == time():
            return _day_span(self.first_day, self.last_day)
        return f"{_moment(self.start)} \N{EN DASH} {_moment(self.end)}"


def last_days(days: int, zone: str = "UTC") -> PeriodRule:
    """Return the rule "the `days` days up to the run's logical instant"."""

    def rule(due_at: datetime) -> Period:
        return Period(due_at - timedelta(days=days), due_at, zone)

    return rule


def calendar_week(zone: str = "UTC") -> PeriodRule:
    """Return the rule "the week, Monday to Sunday, in which the logical instant lies"."""

    def rule(due_at: datetime) -> Period:
        today = due_at.astimezone(ZoneInfo(zone)).date()
        monday = today - timedelta(days=today.weekday())
        return Period(_midnight(monday, zone), _midnight(monday + timedelta(days=7), zone), zone)

    return rule


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _day_span(first: date, last: date) -> str:
    dash = "\N{EN DASH}"
    if first == last:
        return f"{first.day} {first:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} {dash} {last.day} {last:%B %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%B} {dash} {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B %Y} {dash} {last.day} {last:%B %Y}"


def _moment(instant: datetime) -> str:
    return f"{instant.day} {instant:%b %Y, %H:%M}"
