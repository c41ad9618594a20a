"""Schedules that all start at the same minute of the day, such as midnight."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from beat.definition import ScheduleRow
from beat.lints.crontabs import CHOSEN_TIMES_A_DAY, crontab_of, crontabs, schedules_per_crontab
from beat.lints.lint import Lint
from beat.occurrences.crontab import Crontab

MINUTES_A_DAY = 1440
# So many at one minute are a crowd, if there is a minute nearby with at most a third of them.
CROWD = 10
RELIEF = 3


@dataclass(frozen=True)
class Crowd:
    """So many schedules at a time of the day (local), and a minute of the same hour with less."""

    at: str
    count: int
    better_at: str
    better_count: int


def load_of(rules: Iterable[tuple[Crontab, int]], now: datetime) -> list[int]:
    """Return how many schedules each minute of the day (UTC) has at most.

    Weakness: days count as if all were alike, so that a schedule of Mondays adds to one of Sundays.
    Offsets are today's. Intervals are not in it: they start wherever they were started.
    """
    load, every_hour = [0] * MINUTES_A_DAY, [0] * 60
    for rule, schedules in rules:
        ahead = _minutes_ahead(rule, now)
        if rule.is_every_hour:
            for at in rule.minutes[: len(rule.minutes) // 24]:
                every_hour[(at - ahead) % 60] += schedules
        else:
            for at in rule.minutes:
                load[(at - ahead) % MINUTES_A_DAY] += schedules
    return [count + every_hour[minute % 60] for minute, count in enumerate(load)]


def crowd_of(rule: Crontab, load: Sequence[int], now: datetime) -> Crowd | None:
    """Return the largest crowd that a rule of few times a day is in; None when it is in none.

    The better minute is one of the same hour: nearby, and of the same day.
    """
    if len(rule.minutes) > CHOSEN_TIMES_A_DAY:
        return None
    ahead = _minutes_ahead(rule, now)
    counts = [load[(at - ahead) % MINUTES_A_DAY] for at in rule.minutes]
    count = max(counts)
    if count < CROWD:
        return None
    at = rule.minutes[counts.index(count)]
    hour = [load[(at - at % 60 + minute - ahead) % MINUTES_A_DAY] for minute in range(60)]
    least = min(hour)
    if least * RELIEF > count:
        return None
    better = min(
        (minute for minute in range(60) if hour[minute] == least),
        key=lambda minute: abs(minute - at % 60),
    )
    return Crowd(_clock(at), count, _clock(at - at % 60 + better), least)


def suspects(now: datetime) -> Q:
    """Return that a schedule has one of the crontabs that are in a crowd."""
    rules = dict(crontabs())
    load = _load(rules, now)
    hit = [row_id for row_id, rule in rules.items() if crowd_of(rule, load, now)]
    return Q(enabled=True, crontab__in=hit)


def judge(rows: Sequence[ScheduleRow], now: datetime) -> dict[int, str]:
    """Return for each schedule that starts with many others how many they are."""
    asked = [(row.id, rule) for row in rows if row.enabled and (rule := crontab_of(row))]
    if not asked:
        return {}
    load = _load(dict(crontabs()), now)
    crowds = ((row_id, crowd_of(rule, load, now)) for row_id, rule in asked)
    return {row_id: _sentence(crowd) for row_id, crowd in crowds if crowd}


def _load(rules: dict[int, Crontab], now: datetime) -> list[int]:
    shared = schedules_per_crontab()
    return load_of(((rule, shared.get(row_id, 0)) for row_id, rule in rules.items()), now)


def _minutes_ahead(rule: Crontab, now: datetime) -> int:
    """Return how many minutes the rule's clock is ahead of UTC today."""
    offset = now.astimezone(UTC).astimezone(rule.zone).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _sentence(crowd: Crowd) -> str:
    fewer = f"only {crowd.better_count:,} start" if crowd.better_count else "none starts"
    return (
        f"{crowd.count:,} schedules start at {crowd.at}, so that each waits for the others. "
        f"At {crowd.better_at} {fewer}."
    )


LINT = Lint(
    key="crowd",
    title="Everything at the same minute",
    meaning="Many schedules start at the same minute, and another minute of that hour has few.",
    suspects=suspects,
    judge=judge,
)
