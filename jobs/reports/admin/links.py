"""Where one can go from a report's page in the admin."""

import json
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import NoReverseMatch, reverse

from jobs.reports.models import Report
from jobs.reports.reading.defined import undefined_among

MAY_DEFINE = "reports.define_sql_report"
MAY_VIEW = "reports.view_report"
MAY_SCHEDULE = "django_celery_beat.add_periodictask"


def may_define(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return whether somebody may write reports in SQL."""
    return bool(user.has_perm(MAY_DEFINE))  # type: ignore[union-attr]


def links_of(report: Report, user: AbstractBaseUser | AnonymousUser) -> list[tuple[str, str]]:
    """Return the words and addresses of what this person may open."""
    found = [("Read it", report.get_absolute_url())]
    if user.has_perm(MAY_VIEW):  # type: ignore[union-attr]
        found.append((f"Recipients ({report.subscriptions.count():,})", recipients_address(report)))
    if may_define(user):
        found += _of_definition(report)
    if user.has_perm(MAY_SCHEDULE):  # type: ignore[union-attr]
        found.append(("Schedule this report", schedule_address(report)))
    return [(words, address) for words, address in found if address]


def _of_definition(report: Report) -> list[tuple[str, str]]:
    """Return where who may write SQL goes on from this report."""
    if report.pk in undefined_among([report]):
        return [("Write it in SQL again", sql_address(report))]
    if not hasattr(report, "sql"):
        return []
    found = [("Query, columns and sections", sql_address(report))]
    # One that was never made is deleted as a whole, by the button below.
    if report.versions.exists():
        removal = reverse("admin:reports_sql_remove", args=[report.pk])
        found.append(("Delete its definition …", removal))
    return found


def recipients_address(report: Report) -> str:
    """Return the list of who gets the report by mail."""
    address = reverse("admin:reports_subscription_changelist")
    return f"{address}?{urlencode({'report__id__exact': report.pk})}"


def sql_address(report: Report) -> str:
    """Return the page on which the report's SQL is written."""
    return reverse("admin:reports_sql_change", args=[report.pk])


def schedule_address(report: Report) -> str:
    """Return the page of a new schedule that makes the report; "" without such a page."""
    asked = {
        "name": report.title,
        "task": "reports.make",
        "kwargs": json.dumps({"report": report.slug}),
    }
    try:
        return f"{reverse('admin:django_celery_beat_periodictask_add')}?{urlencode(asked)}"
    except NoReverseMatch:
        return ""
