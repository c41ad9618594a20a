"""Delete: the schedule goes, and the history of its runs stays under its name."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django_celery_beat.models import PeriodicTask

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import Outcome, counted
from beat.actions.permitted import chunks, permitted
from beat.audit.recording import record, snapshot
from beat.editing.rules import clean_up_unused_rules, rules_of
from jobs.runs.models import Run
from jobs.runs.states import UNDER_WAY

MOST_COUNTED = 10_000


def delete(schedule_ids: Iterable[int], asker: Asker, *, why: str = "") -> Outcome:
    """Delete the schedules with their policies; their runs and their trail stay.

    Runs under way go on, open backfills end, and rules that nobody else uses go too. Raises
    ActionRefusedError.
    """
    those = permitted(schedule_ids, asker, Act.DELETE)
    kept, rules = kept_runs(those.ids), rules_of(those.ids)
    with transaction.atomic():
        before = snapshot(those.ids)
        for chunk in chunks(those.ids, 500):
            PeriodicTask.objects.filter(pk__in=chunk).delete()
        record(asker, "delete", before, {}, why)
    clean_up_unused_rules(rules)
    return Outcome("Deleted", those.ids, those.refused, note=f"{kept} in the history.")


def kept_runs(schedule_ids: Sequence[int]) -> str:
    """Return how many runs stay, in words; counts to MOST_COUNTED at the most."""
    runs = Run.objects.filter(schedule__in=list(schedule_ids)[:MOST_COUNTED]).order_by()
    count = runs[: MOST_COUNTED + 1].count()
    if count > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} runs stay"
    return f"{counted(count, 'run')} stay" + ("s" if count == 1 else "")


def under_way(schedule_ids: Sequence[int]) -> int:
    """Return how many runs of the schedules are under way; counts to MOST_COUNTED."""
    runs = Run.objects.filter(schedule__in=list(schedule_ids), state__in=UNDER_WAY).order_by()
    return runs[:MOST_COUNTED].count()
