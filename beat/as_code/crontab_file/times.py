"""The times of a cron job in Celery's language, where day of month AND day of week must match.

In cron either is enough, unless one of the two begins with a star (crontab(5), Vixie cron; so
`*/2` and `mon` must both match there, as here). Such a job becomes two schedules: one on the days
of the month, one on the weekdays of all other days of the month. Together they are due at exactly
cron's instants, and never at the same one.
"""

from beat.editing.lines import FiveFields, LineError, parse_line
from beat.occurrences import CrontabError, crontab_of_fields
from beat.occurrences.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK_WITH_SEVEN,
    NAMES,
    numbers_of,
)

ALL_DAYS = frozenset(range(1, 32))
WEEK = 7


def schedules_of(times: str) -> list[FiveFields]:
    """Return the fields of the one or two schedules that are due when cron's job is.

    Raises LineError with a sentence for what cannot be read, or is read by crons in several ways.
    """
    fields = parse_line(times)
    for text in fields:
        _refuse_what_crons_disagree_on(text)
    if fields.day_of_month.startswith("*") or fields.day_of_week.startswith("*"):
        return _due([fields])
    days = numbers_of(DAY_OF_MONTH, fields.day_of_month)
    weekdays = {day % WEEK for day in numbers_of(DAY_OF_WEEK_WITH_SEVEN, fields.day_of_week)}
    if days == ALL_DAYS or len(weekdays) == WEEK:
        return _due([fields._replace(day_of_month="*", day_of_week="*")])
    by_month = fields._replace(day_of_week="*")
    by_week = fields._replace(day_of_month=_as_ranges(sorted(ALL_DAYS - days)))
    return _due([by_month, by_week])


def _due(parts: list[FiveFields]) -> list[FiveFields]:
    """Return the parts that are ever due: the 31st of February is not."""
    found = [part for part in parts if _is_ever_due(part)]
    if not found:
        raise LineError("It would never be due: no month of it has that day.")
    return found


def _is_ever_due(fields: FiveFields) -> bool:
    try:
        crontab_of_fields(*fields, timezone="UTC")
    except CrontabError:
        return False
    return True


def _refuse_what_crons_disagree_on(text: str) -> None:
    for part in text.split(","):
        values = part.split("/")[0].split("-")
        if long := next((value for value in values if value.isalpha() and len(value) > 3), ""):
            raise LineError(f"{long!r}: cron knows names of three letters only; write {long[:3]}.")
        if len(values) == 2:
            first, last = (NAMES.get(value, None) for value in values)
            first = int(values[0]) if first is None else first
            last = int(values[1]) if last is None else last
            if first > last:
                raise LineError(
                    f"The range {part!r} goes backwards; crons differ in what that means. Write "
                    "two ranges."
                )


def _as_ranges(numbers: list[int]) -> str:
    """Return numbers as cron writes them: "2-14,16-31"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in parts)
