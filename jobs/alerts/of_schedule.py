"""The alerts of one schedule, for its page, and how many go on, for the home page."""

from collections.abc import Iterator

from jobs.alerts.models import Alert, AlertMail
from jobs.alerts.tellings import told_of

COUNTED_AT_MOST = 1_000


def alerts_of(schedule_id: int) -> list[Alert]:
    """Return the alerts of a schedule that go on, the newest first; each `told` in words."""
    alerts = list(Alert.objects.filter(schedule=schedule_id, over_at=None).order_by("-begun_at"))
    for alert in alerts:
        alert.told = told_in_words(alert)  # type: ignore[attr-defined]
    return alerts


def told_in_words(alert: Alert, is_end: bool = False) -> str:
    """Return a sentence for each thing that became of telling its beginning or its end."""
    if not alert.addresses:
        return "Nobody is told: neither a policy nor ALERTS_TO named anybody when it began."
    return " ".join(_told(alert, is_end)) or "Nobody has been told yet."


def going_on_count() -> int:
    """Return how many alerts go on, up to 1,001: more would only take longer to count."""
    return Alert.objects.filter(over_at=None).order_by()[: COUNTED_AT_MOST + 1].count()


def _told(alert: Alert, is_end: bool) -> Iterator[str]:
    found = list(told_of(alert, is_end))
    if not found and (alert.told_over_at if is_end else alert.told_at):
        # Told before the mails had rows.
        yield f"Told to {', '.join(alert.addresses)}."
    by_result: dict[str, list[str]] = {}
    for address, mail in found:
        by_result.setdefault(mail.result if mail else "", []).append(address)
        if mail and mail.result in (AlertMail.Result.REFUSED, AlertMail.Result.GIVEN_UP):
            yield f"Not told to {address}: {mail.words}"
    if AlertMail.Result.SENT in by_result:
        yield f"Told to {', '.join(by_result[AlertMail.Result.SENT])}."
    if "" in by_result:
        yield f"Still to be told to {', '.join(by_result[''])}."
