"""Enable and disable: whether a schedule is due at all."""

from collections.abc import Iterable

from django.utils import timezone
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import Outcome, counted
from beat.actions.permitted import chunks, permitted
from beat.audit.recording import audited


def enable(schedule_ids: Iterable[int], asker: Asker, *, why: str = "") -> Outcome:
    """Switch the schedules on: they are due from now on, and nothing is made up for."""
    return _switch(schedule_ids, asker, True, why)


def disable(schedule_ids: Iterable[int], asker: Asker, *, why: str = "") -> Outcome:
    """Switch the schedules off, until somebody enables them; their runs under way go on."""
    return _switch(schedule_ids, asker, False, why)


def _switch(schedule_ids: Iterable[int], asker: Asker, to: bool, why: str) -> Outcome:
    those = permitted(schedule_ids, asker, Act.CHANGE)
    changed = 0
    with audited(asker, "enable" if to else "disable", those.ids, why):
        for chunk in chunks(those.ids):
            others = PeriodicTask.objects.filter(pk__in=chunk, enabled=not to)
            changed += others.update(enabled=to, date_changed=timezone.now())
        if changed:
            # Of no use to our beat, which sees the rows; stock beat reads it to load them anew.
            PeriodicTasks.update_changed()
    same = len(those.ids) - changed
    what = "enabled" if to else "disabled"
    note = (
        f"{counted(same, 'schedule')} {'was' if same == 1 else 'were'} so already." if same else ""
    )
    return Outcome(what.capitalize(), those.ids, those.refused, note=note)
