"""Versions whose mails wait for somebody's word: telling the owner, releasing, dropping."""

from datetime import datetime

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from jobs.mails.messages import mail, stable_message_id
from jobs.mails.outcomes import Result
from jobs.mails.sending import Post
from jobs.reports.delivery.planning import insert_deliveries
from jobs.reports.delivery.starting import start_sending
from jobs.reports.models import Hold, Report, Version

TEMPLATE = "reports/mails/held"

logger = structlog.get_logger(__name__)


def may_decide(user: AbstractBaseUser | AnonymousUser, report: Report) -> bool:
    """Return whether the person decides about this report's mails.

    Its owner does, and who has the permission `release_report` and may read it.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    if report.owner_id == user.pk:
        return True
    may_read = Report.objects.readable_by(user).filter(pk=report.pk).exists()
    return may_read and user.has_perm("reports.release_report")


def open_holds() -> QuerySet[Hold]:
    """Return the holds that nobody has decided about."""
    return Hold.objects.filter(released_at=None, dropped_at=None)


def hold_address(version: Version) -> str:
    """Return the address of the page on which the hold is decided."""
    return reverse("reports:hold", args=[version.report_id, version.number])


def release(version: Version, by: User, now: datetime) -> int | None:
    """Let the version's mails go out; return how many, None when somebody was quicker."""
    with transaction.atomic():
        if not open_holds().filter(pk=version.pk).update(released_at=now, ended_by=by):
            return None
        count = insert_deliveries(version, now)
        start_sending(version)
    logger.info("held mails released", version=str(version), by=by.get_username(), mails=count)
    return count


def drop(version: Version, by: User, now: datetime) -> bool:
    """Decide that nobody gets the version by mail; False when somebody was quicker."""
    is_done = open_holds().filter(pk=version.pk).update(dropped_at=now, ended_by=by) == 1
    if is_done:
        logger.info("held mails dropped", version=str(version), by=by.get_username())
    return is_done


def tell_owners(now: datetime) -> int:
    """Write to the owners of what is held and that they do not know of yet; return how many."""
    untold = list(open_holds().filter(told_at=None).select_related("version__report__owner"))
    with Post() as post:
        return sum(_tell(hold, post, now) for hold in untold)


def _tell(hold: Hold, post: Post, now: datetime) -> bool:
    """Tell one owner, once; a server that is away gets another try with the next deliveries."""
    owner = hold.version.report.owner
    if owner is None or not owner.email:
        logger.warning("nobody is told: the report has no owner with an address", hold=str(hold))
        Hold.objects.filter(pk=hold.pk).update(told_at=now)
        return False
    key = f"reports.hold:{hold.pk}:{hold.held_at.isoformat()}"
    headers = {
        "Message-ID": stable_message_id("held", key),
        "Auto-Submitted": "auto-generated",
    }
    context = {"hold": hold, "address": settings.SITE_URL + hold_address(hold.version)}
    outcome = post.send_once(key, mail(TEMPLATE, context, owner.email, headers))
    if outcome.result in (Result.SENT, Result.REFUSED):
        Hold.objects.filter(pk=hold.pk).update(told_at=now)
    return outcome.result is Result.SENT
