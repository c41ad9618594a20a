"""What a digest tells about reports."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Q
from django.urls import reverse

from jobs.digests.registry import Asked, Line, Section, personal_section
from jobs.reports.models import Hold, Report, Version

MOST_LINES = 20


class Made(NamedTuple):
    """A report of which versions were made, and what is told of it."""

    report_id: int
    line: Line


@personal_section(order=10, title="New reports")
def new_reports(asked: Asked) -> Section | None:
    """Return the reports made in the span that this person may read, with their newest version."""
    made = asked.remembered(made_between, asked.since, asked.until)
    if not made:
        return None
    theirs = Report.objects.readable_by(asked.person).filter(pk__in=[one.report_id for one in made])
    readable = set(theirs.values_list("pk", flat=True))
    lines = [one.line for one in made if one.report_id in readable]
    if len(lines) > MOST_LINES:
        hidden = len(lines) - MOST_LINES
        lines[MOST_LINES:] = [Line(f"And {hidden} more.", reverse("reports:library"))]
    return Section("New reports", lines) if lines else None


def made_between(since: datetime, until: datetime) -> list[Made]:
    """Return every report of which a version was made, by title; three queries.

    A version whose mails are held is announced when somebody has released it.
    """
    released = Hold.objects.filter(released_at__gte=since, released_at__lt=until)
    made = Q(made_at__gte=since, made_at__lt=until, hold=None)
    told = Version.objects.filter(made | Q(pk__in=list(released.values_list("pk", flat=True))))
    # Numbers and keys are given together, under a lock: the largest key is the newest version.
    counted = told.order_by().values("report").annotate(count=Count("pk"), newest=Max("pk"))
    counts = dict(counted.values_list("newest", "count"))
    newest = Version.objects.without_content().select_related("report").filter(pk__in=counts)
    return [
        Made(version.report_id, _line(version, counts[version.pk]))
        for version in newest.order_by("report__title", "pk")
    ]


def _line(version: Version, count: int) -> Line:
    detail = version.summary if count == 1 else f"{version.summary} ({count} versions)"
    text = f"{version.report.title}, {version.period.label}"
    return Line(text, version.get_absolute_url(), detail)
