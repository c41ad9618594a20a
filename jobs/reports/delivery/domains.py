"""How many mails a domain may get within a minute, over all workers: the ledger counts them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.conf import settings

from jobs.reports.models import DomainMinute

MINUTE = timedelta(minutes=1)


def domain_of(address: str) -> str:
    """Return the address's domain in lower case."""
    return address.rpartition("@")[2].lower()


class Addressed(Protocol):
    """What goes to an address."""

    @property
    def address(self) -> str:
        """Return where it goes."""


Mail = TypeVar("Mail", bound=Addressed)


def within_limits(
    mails: Sequence[Mail], now: datetime
) -> tuple[list[Mail], dict[datetime, list[Mail]]]:
    """Return which mails may go now, and which later, by the instant.

    Call it in a transaction. Minutes are those of the clock: around the end of one, twice the
    limit may be sent within sixty seconds. What waits is spread over the minutes that follow.
    """
    limit: int = settings.MAILS_PER_MINUTE_PER_DOMAIN
    if not limit:
        return list(mails), {}
    this_minute = now.replace(second=0, microsecond=0)
    asked = Counter(domain_of(one.address) for one in mails)
    taken = {domain: _take(domain, asked[domain], limit, this_minute) for domain in sorted(asked)}
    go, wait, seen = [], defaultdict(list), Counter[str]()
    for one in mails:
        domain = domain_of(one.address)
        seen[domain] += 1
        behind = seen[domain] - taken[domain]
        if behind <= 0:
            go.append(one)
        else:
            wait[this_minute + MINUTE * (1 + (behind - 1) // limit)].append(one)
    return go, wait


def _take(domain: str, asked: int, limit: int, minute: datetime) -> int:
    """Return how many of those asked for may go in this minute; they count from now on."""
    row = DomainMinute.objects.select_for_update().filter(domain=domain).first()
    if row is None:
        # Another sender may insert it at the same time; the second one waits for the first here.
        DomainMinute.objects.bulk_create(
            [DomainMinute(domain=domain, minute_at=minute)], ignore_conflicts=True
        )
        row = DomainMinute.objects.select_for_update().get(domain=domain)
    taken = row.taken if row.minute_at == minute else 0
    allowed = max(0, min(asked, limit - taken))
    DomainMinute.objects.filter(domain=domain).update(minute_at=minute, taken=taken + allowed)
    return allowed
