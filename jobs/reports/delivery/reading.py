"""What the report's page shows about its mails."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from jobs.reports.delivery.conditions import in_words
from jobs.reports.delivery.holds import hold_address, may_decide, open_holds
from jobs.reports.formats import Format
from jobs.reports.models import Report, Subscription, Version


def subscription_panel(user: AbstractBaseUser | AnonymousUser, report: Report) -> dict[str, Any]:
    """Return what templates/reports/subscribe.html shows; the person may read the report."""
    found = Subscription.objects.filter(user=user.pk, report=report, enabled=True).first()
    return {
        "report": report,
        "subscription": found,
        "words": words_of(found) if found is not None else "",
        "has_address": bool(getattr(user, "email", "")),
    }


def hold_notice(user: AbstractBaseUser | AnonymousUser, version: Version) -> dict[str, Any] | None:
    """Return what templates/reports/held.html shows; None when the mails are not held."""
    hold = open_holds().filter(pk=version.pk).first()
    if hold is None:
        return None
    may = isinstance(user, User) and may_decide(user, version.report)
    return {"hold": hold, "may_decide": may, "address": hold_address(version)}


def words_of(subscription: Subscription) -> str:
    """Return the choices of a subscription as a sentence."""
    when = (
        f"at {subscription.send_at:%H:%M} ({subscription.zone})"
        if subscription.send_at
        else "as soon as it is made"
    )
    formats = [Format(one).label for one in subscription.attached_formats if one in Format.values]
    files = f", with {' and '.join(formats)}" if formats else ""
    only = [in_words(subscription.condition)] if subscription.condition else []
    if subscription.only_if_not_empty:
        only.insert(0, "when it is not empty")
    return f"By mail {when}{files}{', only ' + ' and '.join(only) if only else ''}."


def last_figures(report: Report) -> list[str]:
    """Return the names of the figures of the report's latest version."""
    newest = report.versions.without_content().order_by("-number").first()
    return sorted(newest.measures) if newest is not None else []
