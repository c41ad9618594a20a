"""A schedule as it is stored now: all that its page shows and an edit starts from."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django_celery_beat.models import PeriodicTask

from beat.audit.recording import snapshot
from beat.definition import ScheduleRow, anchor_of, schedule_rows, timing_text
from beat.editing.preview import TimerFacts
from beat.models import Policy, ScheduleDetails, Timer

RULES = ("interval", "crontab", "solar", "clocked")


@dataclass(frozen=True)
class Stored:
    """A schedule with what belongs to it; `version` differs after any edit, by whatever way."""

    schedule: PeriodicTask
    row: ScheduleRow
    policy: Policy
    details: ScheduleDetails
    timer: Timer
    version: str

    @property
    def tags(self) -> list[str]:
        """Return the names of the tags in order."""
        return [tag.name for tag in self.details.tags.all()]

    @property
    def rule(self) -> tuple[str, int] | None:
        """Return kind and id of the rule's row; None where SQL left none."""
        ids = {kind: getattr(self.row, f"{kind}_id") for kind in RULES}
        return next(((kind, id_) for kind, id_ in ids.items() if id_ is not None), None)


def stored(schedule: PeriodicTask) -> Stored:
    """Return the schedule as it is stored; what has no row yet has its defaults."""
    row = schedule_rows([schedule.pk]).get(schedule.pk)
    return Stored(
        schedule=schedule,
        # Without a row a value cannot be read at all; the page offers to write it again.
        row=row or ScheduleRow(schedule.pk, schedule.name, schedule.task),
        policy=Policy.objects.filter(pk=schedule.pk).first() or Policy(schedule=schedule),
        details=ScheduleDetails.objects.filter(pk=schedule.pk).first()
        or ScheduleDetails(schedule=schedule),
        timer=Timer.objects.filter(pk=schedule.pk).first() or Timer(schedule=schedule),
        version=_version(schedule.pk),
    )


def timer_facts(timer: Timer | None, row: ScheduleRow, now: datetime) -> TimerFacts:
    """Return from where a row's interval counts, and when it is due if its timing is the timer's.

    `row` may be an edit that is not saved yet: the anchor stays while the rule does.
    """
    if timer is None:
        return TimerFacts()
    old_rule_text = timer.definition.partition("\n")[0]
    anchor_at = anchor_of(row, old_rule_text, timer.anchor_at, now)
    is_the_timers = not timer.is_stale and timer.definition == timing_text(row)
    return TimerFacts(anchor_at, timer.due_at if is_the_timers else None)


def _version(schedule_id: int) -> str:
    values = snapshot([schedule_id]).get(schedule_id, {})
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
