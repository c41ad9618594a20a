"""The instants of schedules as a text for review in version control: one line each, in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, takewhile
from zoneinfo import ZoneInfo

from beat.as_code.when import text_of_instant
from beat.definition import ScheduleRow
from beat.editing.preview import TimerFacts, Upcoming, all_upcoming
from beat.occurrences.interval import PERIODS

# A schedule that is due more often on a day is told once for the day.
MOST_PER_DAY = 12
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True)
class Listed:
    """A schedule to list: its key, what beat reads, and from where its interval counts."""

    key: str
    row: ScheduleRow
    anchor_at: datetime


@dataclass(frozen=True)
class Span:
    """From `starts_at` to before `ends_at`; `zone` is for rules that have none of their own."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo


def instants_text(schedules: Sequence[Listed], span: Span) -> str:
    """Return the instants of the span; the same schedules give the same text on any day."""
    lines = sorted(line for schedule in schedules for line in _lines(schedule, span))
    last = span.ends_at - timedelta(microseconds=1)
    head = (
        f"# The instants of {len(schedules)} schedules, from "
        f"{span.starts_at.astimezone(span.zone):%Y-%m-%d} to {last.astimezone(span.zone):%Y-%m-%d}"
        f" ({span.zone.key}).\n"
        "# UTC, the clock of the schedule's zone, its key; what is skipped, and why.\n"
    )
    return head + "".join(f"{text}\n" for _, _, text in lines)


def _lines(schedule: Listed, span: Span) -> Iterator[tuple[datetime, str, str]]:
    """Yield each line with what it is sorted by."""
    row = schedule.row
    zone = ZoneInfo(row.timezone) if row.timezone is not None else span.zone
    if row.every is not None and row.every * PERIODS[str(row.period)] < SHORTEST:
        text = f"{text_of_instant(span.starts_at)}  every {row.every} {row.period}  {schedule.key}"
        yield span.starts_at, schedule.key, text
        return
    for _, group in groupby(_within(schedule, span), lambda one: _day(one, zone)):
        for instant, text in _of_day(list(group), schedule.key, zone):
            yield instant, schedule.key, text


def _of_day(instants: list[Upcoming], key: str, zone: ZoneInfo) -> Iterator[tuple[datetime, str]]:
    if len(instants) <= MOST_PER_DAY:
        for one in instants:
            why = f"skipped: {one.why}" if one.is_skipped else one.note
            yield one.due_at, f"{_shown(one.due_at, zone)}  {key}  {why}".rstrip()
        return
    first, last = instants[0].due_at, instants[-1].due_at
    skipped = sum(one.is_skipped for one in instants)
    why = f", {skipped} of them skipped" if skipped else ""
    until = f"{last.astimezone(zone):%H:%M}"
    yield first, f"{_shown(first, zone)}  {key}  {len(instants)} times until {until}{why}"


def _shown(instant: datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    offset = local.isoformat()[-6:]
    return f"{text_of_instant(instant)}  {local:%a %Y-%m-%d %H:%M} {offset} {zone.key}"


def _within(schedule: Listed, span: Span) -> Iterable[Upcoming]:
    # The start itself belongs to the span.
    after = span.starts_at - timedelta(microseconds=1)
    upcoming = all_upcoming(schedule.row, after, TimerFacts(anchor_at=schedule.anchor_at))
    return takewhile(lambda one: one.due_at < span.ends_at, upcoming)


def _day(one: Upcoming, zone: ZoneInfo) -> date:
    return one.due_at.astimezone(zone).date()
