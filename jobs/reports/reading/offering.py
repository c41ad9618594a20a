"""What a reader is told about a day, week or month of which there is no version."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.urls import reverse
from django.utils import timezone

from jobs.reports.models import Report, Version
from jobs.reports.reading.days import Days
from jobs.reports.reading.moments import clock
from jobs.reports.reading.picking import due_for
from jobs.reports.reading.schedules import makings_of
from jobs.reports.registry import UnknownReportError, definition_of

# Beat's page asks again, and decides about this very schedule.
PERMISSION = "beat.operate_schedule"
PAGE = "admin:beat_act"


@dataclass(frozen=True)
class Offer:
    """A sentence, and the address of the page that starts the run, for who may."""

    sentence: str
    address: str = ""


def offer_of(
    user: AbstractBaseUser | AnonymousUser,
    report: Report,
    newest: Version | None,
    days: Days,
    now: datetime,
) -> Offer:
    """Return how a version about the days could be made, with the way there for who may."""
    zone = newest.zone if newest else timezone.get_current_timezone_name()
    try:
        rule = definition_of(report.slug).period
    except UnknownReportError:
        return Offer("Its definition is gone, so that no new version can be made.")
    due_at = due_for(rule, days, newest.due_at if newest else now, zone)
    if due_at is None:
        return Offer("No run of it would be about all of that.")
    local = timezone.localtime(due_at)
    if due_at > now:
        return Offer(f"It can be made from {clock(local, timezone.localtime(now))} on.")
    return _by_schedule(user, report, local)


def _by_schedule(user: AbstractBaseUser | AnonymousUser, report: Report, due_at: datetime) -> Offer:
    makings = makings_of({report.slug}).get(report.slug, [])
    told = f"with the logical time {due_at:%Y-%m-%d %H:%M}"
    if not makings:
        return Offer(f"No schedule makes it. Ask an operator for one, and to run it once {told}.")
    if not isinstance(user, PermissionsMixin) or not user.has_perm(PERMISSION):
        return Offer(f"Ask an operator to run its schedule {told}.")
    chosen = {"ids": makings[0].schedule_id, "due_at": due_at.isoformat()}
    address = f"{reverse(PAGE, args=['run'])}?{urlencode(chosen)}"
    return Offer(f"You may have it made: its schedule runs once {told}.", address)
