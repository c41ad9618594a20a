"""Whether a mail may still go out when its turn has come."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db.models import Q

from jobs.reports.delivery.claiming import Due
from jobs.reports.models import Report


def why_not_any_more(deliveries: Sequence[Due], report: Report) -> dict[int, str]:
    """Return the reasons, by the delivery's key, of those whose mail is not to be sent now.

    All are about `report`. One query for all: the rule is that of `Report.objects.readable_by`,
    seen from the report's side.
    """
    users = {one.user_id for one in deliveries if one.user_id is not None}
    readers = readers_among(report, users) if users else set()
    reasons = {one.pk: _why_not(one, readers) for one in deliveries}
    return {pk: reason for pk, reason in reasons.items() if reason}


def readers_among(report: Report, user_pks: set[int]) -> set[int]:
    """Return which of these people may read the report and have an open account."""
    found = User.objects.filter(pk__in=user_pks, is_active=True)
    groups = list(report.groups.values_list("pk", flat=True))
    if groups:
        for_them = Q(pk__in=User.objects.filter(groups__in=groups).values("pk"))
        found = found.filter(Q(is_superuser=True) | Q(pk=report.owner_id) | for_them)
    return set(found.values_list("pk", flat=True))


def _why_not(delivery: Due, readers: set[int]) -> str:
    if not delivery.is_enabled:  # None: the subscription is gone.
        return "It was unsubscribed before the mail was sent."
    if delivery.user_id is not None and delivery.user_id not in readers:
        return "This person may no longer read the report."
    return ""
