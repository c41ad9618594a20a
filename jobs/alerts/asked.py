"""Who is told of a schedule's troubles: its policy's addresses, else those of ALERTS_TO.

Policies and timers are beat's: they are read by the relations of the schedule.
"""

from django.conf import settings
from django.db.models import Q

from jobs.alerts.models import Trouble, lines_of

# Beat switches a once-only schedule off when it claims its run.
ON = Q(enabled=True) | Q(one_off=True)
OF_FAILURES = Q(policy__isnull=True) | Q(policy__alert_on_failure=True)
ASKED = {
    Trouble.FAILED: OF_FAILURES,
    Trouble.BROKEN: OF_FAILURES,
    Trouble.LATE: Q(policy__alert_late_after_seconds__isnull=False),
    Trouble.SLOW: Q(policy__alert_slow_after_seconds__isnull=False),
}


def asks_for(trouble: Trouble) -> Q:
    """Return the condition on schedules of which somebody wants to be told of this."""
    named = Q() if settings.ALERTS_TO else Q(policy__alert_to__gt="")
    return ON & ASKED[trouble] & named


def told_to(policy_addresses: str | None) -> str:
    """Return who is told, one address per line; no policy has None."""
    return "\n".join(lines_of(policy_addresses or "") or settings.ALERTS_TO)
