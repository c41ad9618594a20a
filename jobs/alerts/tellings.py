"""Who is still to be told of what: one row for each address and each end of an alert.

All of it is written before a mail is sent, and repeated without harm: constraints keep one
telling of each kind, and one open mail of each address.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs.alerts.models import ADDRESS_LENGTH, Alert, AlertMail, Telling, lines_of

ROWS_PER_STATEMENT = 1_000
# Each end of an alert: whether it is the end, whether it has come, and where it is written down.
ENDS = ((False, Q(), "told_at"), (True, Q(over_at__isnull=False), "told_over_at"))


def write_tellings() -> None:
    """Write down whom to tell of what has begun or ended."""
    for is_end, has_come, column in ENDS:
        alerts = _untold(has_come, column).filter(~Exists(_tellings(is_end)))
        rows = [
            Telling(alert_id=pk, is_end=is_end, address=address)
            for pk, told_to in alerts.values_list("pk", "told_to")
            for address in lines_of(told_to)
            # What was written by SQL may be no address at all.
            if len(address) <= ADDRESS_LENGTH
        ]
        # Another one may write them too, and a policy may name an address twice.
        Telling.objects.bulk_create(rows, ROWS_PER_STATEMENT, ignore_conflicts=True)


def make_mails(now: datetime) -> int:
    """Put what waits into a mail for each address that has none under way; return how many."""
    waiting = Telling.objects.filter(mail=None)
    busy = AlertMail.objects.filter(settled_at=None).values("address")
    addresses = waiting.exclude(address__in=busy).order_by().values_list("address", flat=True)
    return sum(_make_mail(address, now) for address in addresses.distinct())


def _make_mail(address: str, now: datetime) -> bool:
    """Make the next mail of an address; return False when another one did, or nothing waits."""
    new = AlertMail(address=address, made_at=now)
    with transaction.atomic():
        AlertMail.objects.bulk_create([new], ignore_conflicts=True)
        if not AlertMail.objects.filter(pk=new.pk).exists():
            return False
        if Telling.objects.filter(mail=None, address=address).update(mail=new.pk):
            return True
        AlertMail.objects.filter(pk=new.pk).delete()
        return False


def write_told(now: datetime) -> None:
    """Write down which alerts everybody was told of: all their mails are settled."""
    for is_end, has_come, column in ENDS:
        everybody = Exists(_tellings(is_end)), ~Exists(_tellings(is_end).filter(_NOT_SETTLED))
        _untold(has_come, column).filter(*everybody).update(**{column: now})


_NOT_SETTLED = Q(mail__isnull=True) | Q(mail__settled_at__isnull=True)


def _untold(has_come: Q, column: str) -> QuerySet[Alert]:
    return Alert.objects.filter(has_come, is_dropped=False, **{column: None})


def _tellings(is_end: bool) -> QuerySet[Telling]:
    return Telling.objects.filter(alert=OuterRef("pk"), is_end=is_end)


def told_of(alert: Alert, is_end: bool) -> Iterator[tuple[str, AlertMail | None]]:
    """Yield each address that is told, and its mail when there is one."""
    for one in alert.tellings.filter(is_end=is_end).select_related("mail").order_by("pk"):
        yield one.address, one.mail
