"""What a change of the clock does to the occurrences of a crontab, in words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import TypeIs

from beat.occurrences import InGap, Repeated, Rule
from beat.occurrences.crontab import Crontab


def left_out_by_the_clock(
    rule: Rule, after: datetime, until: datetime
) -> Iterator[tuple[datetime, str]]:
    """Yield the instants between two occurrences that a policy leaves out, and why.

    Those are local times in a gap (with `skip`), and the other one of two equal local times.
    """
    if not _heeds_the_clock(rule) or not _changes(rule, after, until):
        return
    everything = replace(rule, in_gap=InGap.AFTER, repeated=Repeated.BOTH)
    kept = set(rule.between(after, until))
    for instant in everything.between(after, until):
        if instant not in kept:
            yield instant, _why_left_out(rule, instant)


def note_about_the_clock(rule: Rule, due_at: datetime) -> str:
    """Return what the clock does to an occurrence that runs, or ""."""
    if not _heeds_the_clock(rule):
        return ""
    if _is_moved(rule, due_at):
        return "Its time does not exist on this day: the clock goes forward. It runs right after."
    if _is_repeated(rule, due_at):
        which = "second" if due_at.astimezone(rule.zone).fold else "first"
        return f"This time occurs twice: the clock goes back. It is the {which} one."
    return ""


def _heeds_the_clock(rule: Rule) -> TypeIs[Crontab]:
    """Tell whether it is a crontab at chosen hours: all others go on through a change."""
    return isinstance(rule, Crontab) and not rule.is_every_hour


def _changes(crontab: Crontab, after: datetime, until: datetime) -> bool:
    """Tell whether the clock may change in a span; long ones are looked at in any case."""
    if until - after > timedelta(days=60):
        return True
    zone = crontab.zone
    day = timedelta(days=1)
    offsets = {
        (after - day).astimezone(zone).utcoffset(),
        (until + day).astimezone(zone).utcoffset(),
    }
    at = after
    while at < until and len(offsets) == 1:
        offsets.add(at.astimezone(zone).utcoffset())
        at += day
    return len(offsets) > 1


def _why_left_out(crontab: Crontab, instant: datetime) -> str:
    if _is_moved(crontab, instant):
        return (
            "Its time does not exist on this day: the clock goes forward, and its policy skips it."
        )
    which = "first" if crontab.repeated is Repeated.FIRST else "second"
    return f"This time occurs twice: the clock goes back. By its policy only the {which} runs."


def _is_moved(crontab: Crontab, instant: datetime) -> bool:
    local = instant.astimezone(crontab.zone)
    return local.hour * 60 + local.minute not in crontab.minutes or local.second > 0


def _is_repeated(crontab: Crontab, instant: datetime) -> bool:
    local = instant.astimezone(crontab.zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
