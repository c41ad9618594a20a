"""What a mail about alerts says: everything that its address is to be told, in one mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from django.core.mail import EmailMessage
from django.db.models import Count, QuerySet
from django.urls import reverse

from jobs.alerts.models import Alert, AlertMail, Telling
from jobs.mails.messages import mail, stable_message_id

# A mail names so many alerts; a link leads to the others.
MOST_LINES = 50


@dataclass(frozen=True)
class Contents:
    """The alerts of a mail, at most MOST_LINES together, and the numbers of all of them."""

    begun: Sequence[Alert]
    over: Sequence[Alert]
    begun_count: int
    over_count: int
    begun_schedules: int
    over_schedules: int

    @property
    def count(self) -> int:
        """Return how many alerts it is about."""
        return self.begun_count + self.over_count

    @property
    def more(self) -> int:
        """Return how many are not named."""
        return self.count - len(self.begun) - len(self.over)

    @property
    def subject(self) -> str:
        """Return one line: the trouble of a single alert, the numbers of several."""
        if self.count == 1:
            [alert] = [*self.begun, *self.over]
            return f"In order again: {alert.schedule_name}" if self.over else str(alert)
        parts = []
        if self.begun_count:
            parts.append(f"{_schedules(self.begun_schedules)} in trouble")
        if self.over_count:
            again = str(self.over_schedules) if parts else _schedules(self.over_schedules)
            verb = (" is" if self.over_schedules == 1 else " are") if parts else ""
            parts.append(f"{again}{verb} in order again")
        return ", ".join(parts)


def letter(of: AlertMail) -> EmailMessage | None:
    """Return the mail, with the same words each time; None when nothing is left to tell.

    What has begun and is over in one mail is told as over.
    """
    contents = _contents(of)
    if not contents.count:
        return None
    headers = {
        "Message-ID": stable_message_id("alerts", str(of.pk)),
        # RFC 3834: no other robot answers this one.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    context = {"contents": contents, "list_address": reverse("admin:alerts_alert_changelist")}
    return mail("alerts/mails/alert", context, of.address, headers)


def _contents(of: AlertMail) -> Contents:
    tellings = Telling.objects.filter(mail=of)
    ends = tellings.filter(is_end=True)
    beginnings = tellings.filter(is_end=False).exclude(alert__in=ends.values("alert"))
    begun = list(_alerts(beginnings))
    over = list(islice(_alerts(ends), MOST_LINES - len(begun)))
    return Contents(begun, over, *_counts(beginnings, ends))


def _alerts(tellings: QuerySet[Telling]) -> list[Alert]:
    """Return the first of the alerts, the oldest first."""
    first = tellings.select_related("alert").order_by("alert__begun_at", "alert")[:MOST_LINES]
    return [one.alert for one in first]


def _counts(beginnings: QuerySet[Telling], ends: QuerySet[Telling]) -> tuple[int, int, int, int]:
    """Return how many alerts have begun and are over, and of how many schedules each."""
    schedules = Count("alert__schedule_name", distinct=True)
    begun = beginnings.aggregate(alerts=Count("pk"), schedules=schedules)
    over = ends.aggregate(alerts=Count("pk"), schedules=schedules)
    return begun["alerts"], over["alerts"], begun["schedules"], over["schedules"]


def _schedules(count: int) -> str:
    return "1 schedule is" if count == 1 else f"{count:,} schedules are"
