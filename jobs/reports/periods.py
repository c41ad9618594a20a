"""The span of time that a report is about, and the rules that find it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jobs.runs.local_times import first_instant

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
        return _day_before(self.end_at, self.zone)

    @property
    def days(self) -> list[date]:
        """Return every local day that the period touches, in order."""
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=offset) for offset in range(count)]

    @property
    def is_whole_days(self) -> bool:
        """Return whether it starts with the first day and ends with the last one."""
        return self.start_at == _start_of_day(
            self.first_day, self.zone
        ) and self.end_at == _start_of_day(self.end.date(), self.zone)

    @property
    def label(self) -> str:
        """Return the span as people write it: whole days as days, all else with its times."""
        if self.is_whole_days:
            return _day_span(self.first_day, self.last_day)
        return f"{_moment(self.start)} \N{EN DASH} {_moment(self.end)}"


def last_days(days: int, zone: str = "UTC") -> PeriodRule:
    """Return the rule "the `days` days up to the run's logical instant"."""

    def rule(due_at: datetime) -> Period:
        return Period(due_at - timedelta(days=days), due_at, zone)

    return rule


def last_hours(hours: int, zone: str = "UTC") -> PeriodRule:
    """Return the rule "the `hours` hours of 60 minutes up to the run's logical instant"."""

    def rule(due_at: datetime) -> Period:
        # In UTC: Python subtracts on the wall clock of a zone, which may skip or repeat an hour.
        end_at = due_at.astimezone(UTC)
        return Period(end_at - timedelta(hours=hours), end_at, zone)

    return rule


def previous_day(zone: str = "UTC") -> PeriodRule:
    """Return the rule "the local day before that of the logical instant"; 23 to 25 hours mostly.

    A day that a zone left out (Samoa, 30 December 2011) is nobody's previous day.
    """

    def rule(due_at: datetime) -> Period:
        end_at = _start_of_day(due_at.astimezone(ZoneInfo(zone)).date(), zone)
        return Period(_start_of_day(_day_before(end_at, zone), zone), end_at, zone)

    return rule


def previous_week(zone: str = "UTC") -> PeriodRule:
    """Return the rule "the week, Monday to Sunday, before that of the logical instant"."""

    def rule(due_at: datetime) -> Period:
        today = due_at.astimezone(ZoneInfo(zone)).date()
        monday = today - timedelta(days=today.weekday())
        before = monday - timedelta(days=7)
        return Period(_start_of_day(before, zone), _start_of_day(monday, zone), zone)

    return rule


def previous_month(zone: str = "UTC") -> PeriodRule:
    """Return the rule "the calendar month before that of the logical instant"."""

    def rule(due_at: datetime) -> Period:
        first = due_at.astimezone(ZoneInfo(zone)).date().replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        return Period(_start_of_day(before, zone), _start_of_day(first, zone), zone)

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


def _start_of_day(day: date, zone: str) -> datetime:
    return first_instant(day, time(), zone)


def _day_before(start_at: datetime, zone: str) -> date:
    # In UTC: on the wall clock of a zone the moment before may be another day.
    last_moment = start_at.astimezone(UTC) - timedelta(microseconds=1)
    return last_moment.astimezone(ZoneInfo(zone)).date()


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
