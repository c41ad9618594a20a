"""Pause: what is due from now on is skipped, with the reason, until an instant or a resume."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from beat.access.asker import Asker
from beat.access.deciding import Act
from beat.actions.outcome import ActionRefusedError, Outcome
from beat.actions.permitted import chunks, permitted
from beat.audit.recording import audited
from beat.models import Policy

REASON_LENGTH = 200


def pause(
    schedule_ids: Iterable[int], asker: Asker, *, reason: str, until: datetime | None = None
) -> Outcome:
    """Pause the schedules; one that is paused already gets the new reason and end.

    Runs under way go on. What was due before and beat has not claimed yet is skipped too. Raises
    ActionRefusedError.
    """
    now, reason = timezone.now(), reason.strip()
    if not reason:
        raise ActionRefusedError("Write the reason: whoever finds it paused will ask.")
    if len(reason) > REASON_LENGTH:
        raise ActionRefusedError(f"The reason is longer than {REASON_LENGTH} characters.")
    if until is not None and until <= now:
        raise ActionRefusedError("The pause would be over already. Write an instant to come.")
    those = permitted(schedule_ids, asker, Act.OPERATE)
    with audited(asker, "pause", those.ids, reason):
        for chunk in chunks(those.ids):
            _pause(chunk, reason, until, now)
    end = f"until {timezone.localtime(until):%Y-%m-%d %H:%M}" if until else "until it is resumed"
    return Outcome("Paused", those.ids, those.refused, note=f"{end.capitalize()}.")


def is_paused(now: datetime) -> Q:
    """Return the condition on a policy that its pause is in force."""
    return Q(is_paused=True) & (Q(paused_until=None) | Q(paused_until__gt=now))


def _pause(ids: list[int], reason: str, until: datetime | None, now: datetime) -> None:
    """Write the policies' pauses; a pause that is in force keeps its beginning."""
    values = {"is_paused": True, "paused_until": until, "pause_reason": reason}
    policies = Policy.objects.filter(schedule__in=ids)
    paused = set(policies.filter(is_paused(now)).values_list("pk", flat=True))
    Policy.objects.filter(pk__in=paused).update(**values)
    new = [Policy(schedule_id=pk, paused_at=now, **values) for pk in ids if pk not in paused]
    Policy.objects.bulk_create(
        new,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["schedule"],
        update_fields=[*values, "paused_at"],
    )
