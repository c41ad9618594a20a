"""Cancel a backfill: no more of it is made, and its runs under way are ended."""

from contextlib import suppress

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import Outcome, counted
from beat.actions.permitted import permitted
from beat.audit.recording import record, snapshot
from beat.backfills.going_on import end, runs_under_way
from beat.models import Backfill
from jobs.runs import by_hand
from jobs.runs.models import Run


def cancel_backfill(backfill: Backfill, asker: Asker, *, why: str = "") -> Outcome:
    """End the backfill. What has run, has run; the rest can be backfilled again."""
    now, schedule_id = timezone.now(), backfill.schedule_id
    if schedule_id is None:
        return Outcome("Cancelled", [], note="Its schedule was deleted, and it ends by itself.")
    those = permitted([schedule_id], asker, Act.OPERATE)
    if not those.ids:
        return Outcome("Cancelled", [], those.refused)
    text = f"Cancelled by {asker.name}" + (f": {why}" if why else ".")
    with transaction.atomic():
        if not end(backfill, text, now):
            return Outcome("Cancelled", [], note="It was over already.")
        seen = snapshot(those.ids)
        record(asker, "cancel backfill", seen, seen, why, f"backfill {backfill.pk}", always=True)
    person = User.objects.filter(pk=asker.user_id).first() if asker.user_id else None
    running = runs_under_way(backfill)
    for run_id in running:
        with suppress(Run.DoesNotExist):
            by_hand.cancel(run_id, person, f"its backfill was cancelled. {why}".strip(), now)
    left = backfill.occurrences.filter(run_id=None).count()
    note = f"{counted(left, 'occurrence')} will not run; {counted(len(running), 'run')} under way "
    note += "was asked to end." if len(running) == 1 else "were asked to end."
    return Outcome("Cancelled", those.ids, note=note, counted="backfill")
