"""Taking the deliveries that are due, some at a time; several workers each take others."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from jobs.reports.delivery.domains import within_limits
from jobs.reports.models import DeliveryState, MailSender, ReportDelivery

CLAIMED_AT_ONCE = 500


class Due(NamedTuple):
    """A claimed delivery, with what of its subscription counts when it is sent.

    Not a model's instance: making those would take a tenth of the time that a mail takes.
    """

    pk: int
    version_id: int
    address: str
    attempts: int
    subscription_id: int | None
    is_enabled: bool | None
    user_id: int | None
    formats: list[str] | None


COLUMNS = (
    "pk", "version_id", "address", "attempts", "subscription_id", "subscription__enabled",
    "subscription__user_id", "subscription__attached_formats",
)  # fmt: skip


@transaction.atomic
def claim(sender: MailSender, now: datetime) -> list[Due]:
    """Take the deliveries that have waited longest, and return them in the order of their keys.

    PostgreSQL skips those that another sender is taking at this moment; on SQLite one takes
    after the other. What its domain's limit keeps back waits until a later minute, and is not
    returned. Nothing is taken for a sender whose row is gone: it counts as dead.
    """
    if not MailSender.objects.select_for_update().filter(pk=sender.pk).exists():
        return []
    found = _free().filter(send_after_at__lte=now).order_by("send_after_at", "pk")
    locked = found.select_for_update(skip_locked=True).values_list("pk", flat=True)
    columns = ReportDelivery.objects.filter(pk__in=list(locked[:CLAIMED_AT_ONCE]))
    rows = [Due(*row) for row in columns.order_by("pk").values_list(*COLUMNS)]
    go, wait = within_limits(rows, now)
    for later, some in wait.items():
        _these(some).update(send_after_at=later)
    _these(go).update(sender=sender.pk)
    return go


def count_due(now: datetime) -> int:
    """Return how many deliveries nobody has that are due."""
    return _free().filter(send_after_at__lte=now).count()


@transaction.atomic
def leave(sender: MailSender) -> None:
    """Free what the sender has claimed and not begun, and let it go.

    One with a mail in its hands stays, to be buried: whether that one arrived is not known.
    """
    if MailSender.objects.filter(pk=sender.pk, in_hand=None).delete()[0]:
        mine = ReportDelivery.objects.filter(sender=sender.pk, state=DeliveryState.WAITING)
        mine.update(sender=None)


def _free() -> QuerySet[ReportDelivery]:
    return ReportDelivery.objects.filter(state=DeliveryState.WAITING, sender=None)


def _these(rows: Sequence[Due]) -> QuerySet[ReportDelivery]:
    return ReportDelivery.objects.filter(pk__in=[row.pk for row in rows])
