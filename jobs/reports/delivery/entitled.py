"""Whether a mail may still go out when its turn has come."""

from collections.abc import Sequence

from jobs.reports.delivery.claiming import Due
from jobs.reports.models import Report


def why_not_any_more(deliveries: Sequence[Due], report: Report) -> dict[int, str]:
    """Return the reasons, by the delivery's key, of those whose mail is not to be sent now.

    All are about `report`.
    """
    users = {one.user_id for one in deliveries if one.user_id is not None}
    readers = report.readers_among(users) if users else set()
    reasons = {one.pk: _why_not(one, readers) for one in deliveries}
    return {pk: reason for pk, reason in reasons.items() if reason}


def _why_not(delivery: Due, readers: set[int]) -> str:
    if not delivery.is_enabled:  # None: the subscription is gone.
        return "It was unsubscribed before the mail was sent."
    if delivery.user_id is not None and delivery.user_id not in readers:
        return "This person may no longer read the report."
    return ""
