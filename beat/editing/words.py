"""A rule in words that anybody understands.

Said from the numbers that the fields stand for, as beat reads them, and not from their texts:
`*/7` is not every seven minutes, and day of month AND day of week must match.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from beat.definition.rows import ScheduleRow
from beat.editing.crontab_words import crontab_in_words
from beat.occurrences import CrontabError

EVENTS = {
    "dawn_astronomical": "astronomical dawn",
    "dawn_nautical": "nautical dawn",
    "dawn_civil": "civil dawn",
    "sunrise": "sunrise",
    "solar_noon": "solar noon",
    "sunset": "sunset",
    "dusk_civil": "civil dusk",
    "dusk_nautical": "nautical dusk",
    "dusk_astronomical": "astronomical dusk",
}


def rule_in_words(row: Any, zone: ZoneInfo | None = None) -> str:
    """Return when a schedule is due, as a sentence without its full stop; never raises.

    `row` is a ScheduleRow, or a schedule whose rule is at hand (`select_related`). A one-off is
    told by the clock of `zone` (UTC without one); a crontab names its own zone, unless it is
    `zone`.
    """
    plain = row if isinstance(row, ScheduleRow) else _plain(row)
    if plain.crontab_id is not None:
        fields = (
            plain.minute, plain.hour, plain.day_of_month, plain.month_of_year, plain.day_of_week
        )  # fmt: skip
        return _crontab(fields, str(plain.timezone), zone)
    if plain.interval_id is not None:
        return interval_in_words(plain.every, str(plain.period))
    if plain.solar_id is not None:
        return solar_in_words(str(plain.event), plain.latitude, plain.longitude)
    if plain.clocked_id is not None:
        return clocked_in_words(plain.clocked_time, zone)
    return "No rule"


def _crontab(fields: Sequence[str | None], timezone: str, zone: ZoneInfo | None) -> str:
    try:
        words = crontab_in_words([str(text) for text in fields])
    except CrontabError:
        return f"A crontab that cannot be read: {' '.join(map(str, fields))}"
    is_told = zone is not None and zone.key == timezone
    return words if is_told else f"{words}, {timezone} time"


def interval_in_words(every: int | None, period: str) -> str:
    """Return an interval in words: "Every 10 minutes"."""
    return f"Every {period.removesuffix('s')}" if every == 1 else f"Every {every} {period}"


def solar_in_words(event: str, latitude: Decimal | None, longitude: Decimal | None) -> str:
    """Return an event of the sun in words: "At sunset at 52.52° N, 13.405° E"."""
    if latitude is None or longitude is None:
        return "A solar event without a place"
    north = f"{_degrees(latitude)} {'N' if latitude >= 0 else 'S'}"
    east = f"{_degrees(longitude)} {'E' if longitude >= 0 else 'W'}"
    return f"At {EVENTS.get(event, event)} at {north}, {east}"


def _degrees(angle: Decimal) -> str:
    return f"{abs(angle):.6f}".rstrip("0").rstrip(".") + "°"


def clocked_in_words(at: datetime | None, zone: ZoneInfo | None = None) -> str:
    """Return the instant of a one-off in words, by the clock of a zone."""
    if at is None:
        return "Once, at no time"
    local = at.astimezone(zone or UTC)
    seconds = f":{local:%S}" if local.second else ""
    name = zone.key if zone else "UTC"
    day = f"{local:%A}, {local.day} {local:%B} {local.year}"
    return f"Once, on {day} at {local:%H:%M}{seconds}, {name} time"


def _plain(schedule: Any) -> ScheduleRow:
    """Return what words need of a schedule and its rule."""
    interval, crontab = schedule.interval, schedule.crontab
    solar, clocked = schedule.solar, schedule.clocked
    return ScheduleRow(
        id=schedule.pk or 0,
        name=schedule.name,
        task=schedule.task,
        interval_id=interval and interval.pk,
        every=interval and interval.every,
        period=interval and interval.period,
        crontab_id=crontab and crontab.pk,
        minute=crontab and crontab.minute,
        hour=crontab and crontab.hour,
        day_of_month=crontab and crontab.day_of_month,
        month_of_year=crontab and crontab.month_of_year,
        day_of_week=crontab and crontab.day_of_week,
        timezone=crontab and str(crontab.timezone),
        solar_id=solar and solar.pk,
        event=solar and solar.event,
        latitude=solar and solar.latitude,
        longitude=solar and solar.longitude,
        clocked_id=clocked and clocked.pk,
        clocked_time=clocked and clocked.clocked_time,
    )
