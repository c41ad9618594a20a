"""The instants at which schedules are due: pure functions that take `now` as an argument."""

from datetime import UTC, datetime
from itertools import islice

from beat.occurrences.clocked import clocked
from beat.occurrences.crontab import InGap, Repeated, crontab, crontab_of_fields
from beat.occurrences.fields import CrontabError
from beat.occurrences.interval import interval
from beat.occurrences.rules import Rule, RuleError
from beat.occurrences.solar import solar

__all__ = [
    "CrontabError",
    "InGap",
    "Repeated",
    "Rule",
    "RuleError",
    "clocked",
    "crontab",
    "crontab_of_fields",
    "interval",
    "solar",
    "upcoming",
]

# The documented name of upcoming()'s argument hides the function.
_rule_of_line = crontab


def upcoming(crontab: str, timezone: str, after: datetime, count: int) -> list[datetime]:
    """Return the first `count` instants (UTC) after `after` of a crontab line in a time zone.

    `crontab` has five fields: minute, hour, day of month, month, day of week; `after` is aware and
    exclusive. Fewer are returned only where the calendar ends, in the year 9999. Raises
    CrontabError for a line that cannot be read or can never be due, and for an unknown zone.
    """
    rule = _rule_of_line(crontab, timezone)
    return list(islice(rule.between(after, datetime.max.replace(tzinfo=UTC)), count))
