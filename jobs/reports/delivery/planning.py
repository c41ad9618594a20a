"""Who gets a version, and when: its delivery rows, inserted in the version's own transaction."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from jobs.reports.delivery.conditions import why_not_wanted
from jobs.reports.delivery.gate import Rule, why_held
from jobs.reports.delivery.history import measured, measured_before, measured_by_day
from jobs.reports.models import (
    DeliveryGate,
    DeliveryState,
    Hold,
    ReportDelivery,
    Subscription,
    Version,
)
from jobs.runs.local_times import next_local_time

BATCH = 1_000


def plan_deliveries(version: Version, now: datetime) -> int:
    """Insert a delivery for each subscriber of the version's report, or a hold; return how many.

    Call it in the transaction that inserts the version, so that there is never one without the
    other. Who is to be told of a hold is told with the next deliveries (`holds.tell_owners`).
    """
    reason = _why_held(version)
    if reason:
        Hold.objects.create(version=version, reason=reason, held_at=now)
        return 0
    return insert_deliveries(version, now)


def insert_deliveries(version: Version, now: datetime) -> int:
    """Insert those of the version's deliveries that are missing; return how many are to be sent.

    Who does not want this version has a row too, with the reason.
    """
    numbers, before = measured(version), measured_before(version)
    rows = []
    for subscription in _one_per_address(version):
        reason = why_not_wanted(
            subscription.condition,
            only_if_not_empty=subscription.only_if_not_empty,
            now=numbers,
            before=before,
        )
        rows.append(_delivery(version, subscription, reason, now))
    ReportDelivery.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return sum(row.state == DeliveryState.WAITING for row in rows)


def _delivery(
    version: Version, subscription: Subscription, reason: str, now: datetime
) -> ReportDelivery:
    at = subscription.send_at
    return ReportDelivery(
        version=version,
        subscription=subscription,
        address=subscription.mail_address,
        state=DeliveryState.NOT_WANTED if reason else DeliveryState.WAITING,
        error=reason,
        send_after_at=next_local_time(now, at, subscription.zone) if at else now,
    )


def _one_per_address(version: Version) -> Iterator[Subscription]:
    """Yield the subscriptions; of several with one address, whatever its case, the first.

    Accounts without an address get nothing; their page says so.
    """
    known = set()
    found = Subscription.objects.filter(Q(user=None) | Q(user__is_active=True))
    found = found.filter(report=version.report_id, enabled=True).select_related("user")
    for subscription in found.order_by("pk"):
        address = subscription.mail_address.casefold()
        if address and address not in known:
            known.add(address)
            yield subscription


def _why_held(version: Version) -> str:
    gate = DeliveryGate.objects.filter(report=version.report_id).first()
    if gate is None:
        return ""
    rule = Rule(gate.holds_empty, gate.figure, gate.far_percent, gate.weeks_compared)
    history = measured_by_day(version, rule.weeks_compared)
    return why_held(rule, version.due_on, measured(version), history)
