"""The rule of a schedule: when it is due, its bounds aside."""

from datetime import datetime

from beat.definition.broken import BrokenScheduleError
from beat.definition.rows import ScheduleRow
from beat.occurrences import (
    CrontabError,
    InGap,
    Repeated,
    Rule,
    clocked,
    crontab_of_fields,
    interval,
    solar,
)
from beat.occurrences.crontab import FIELDS
from beat.occurrences.fields import numbers_of
from beat.occurrences.zones import zone_of

KINDS = ("interval", "crontab", "solar", "clocked")


def kinds_of(row: ScheduleRow) -> list[str]:
    """Return which kinds of rule the schedule has: one, if all is well."""
    ids = (row.interval_id, row.crontab_id, row.solar_id, row.clocked_id)
    return [kind for kind, rule_id in zip(KINDS, ids, strict=True) if rule_id is not None]


def crontab_fields(row: ScheduleRow) -> tuple[str | None, ...]:
    """Return the five fields of the crontab in the order of a crontab line."""
    return (row.minute, row.hour, row.day_of_month, row.month_of_year, row.day_of_week)


def rule_of(row: ScheduleRow, anchor_at: datetime | None) -> Rule:
    """Return the schedule's rule; every error of reading it becomes a BrokenScheduleError."""
    kinds = kinds_of(row)
    if not kinds:
        raise BrokenScheduleError(
            "broken_rule",
            "The schedule has no rule. Choose an interval, a crontab, a solar event or a time.",
        )
    if len(kinds) > 1:
        raise BrokenScheduleError(
            "broken_rule",
            f"The schedule has several rules ({', '.join(kinds)}). Keep one and empty the others.",
        )
    try:
        return READERS[kinds[0]](row, anchor_at)
    except ValueError as problem:
        raise BrokenScheduleError(
            "broken_rule", f"The {kinds[0]} of the schedule cannot be used. {problem} Edit it."
        ) from None


def _interval_of(row: ScheduleRow, anchor_at: datetime | None) -> Rule:
    if not isinstance(row.every, int) or row.period is None:
        raise _incomplete("interval", row.interval_id)
    anchor = row.start_time or anchor_at
    if anchor is None:
        raise TypeError("An interval without a start time needs an anchor.")
    return interval(row.every, row.period, anchor, includes_anchor=row.start_time is not None)


def _crontab_of(row: ScheduleRow, _anchor_at: datetime | None) -> Rule:
    texts = crontab_fields(row)
    if row.timezone is None or None in texts:
        raise _incomplete("crontab", row.crontab_id)
    try:
        return crontab_of_fields(
            *map(str, texts),
            timezone=row.timezone,
            in_gap=InGap(row.in_gap),
            repeated=Repeated(row.repeated),
        )
    except CrontabError as problem:
        if not _can_be_read(row):
            raise
        raise BrokenScheduleError(
            "never_due", f"The schedule would never be due. {problem} Edit its crontab."
        ) from None


def _can_be_read(row: ScheduleRow) -> bool:
    """Tell whether each part of the crontab is fine, so that only the whole can be wrong."""
    try:
        zone_of(str(row.timezone))
        for field, text in zip(FIELDS, crontab_fields(row), strict=True):
            numbers_of(field, str(text))
    except CrontabError:
        return False
    return True


def _solar_of(row: ScheduleRow, _anchor_at: datetime | None) -> Rule:
    if row.event is None or row.latitude is None or row.longitude is None:
        raise _incomplete("solar event", row.solar_id)
    return solar(row.event, row.latitude, row.longitude)


def _clocked_of(row: ScheduleRow, _anchor_at: datetime | None) -> Rule:
    if row.clocked_time is None:
        raise _incomplete("clocked time", row.clocked_id)
    return clocked(row.clocked_time)


def _incomplete(what: str, rule_id: int | None) -> BrokenScheduleError:
    return BrokenScheduleError(
        "broken_rule",
        f"The schedule's {what} (row {rule_id}) is gone or not complete. Choose another.",
    )


READERS = {
    "interval": _interval_of,
    "crontab": _crontab_of,
    "solar": _solar_of,
    "clocked": _clocked_of,
}
