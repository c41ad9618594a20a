"""What a digest tells about reports."""

from datetime import datetime

from django.db.models import Count, Max

from jobs.digests.registry import Line, Section, digest_section
from jobs.reports.models import Report, Version

MOST_LINES = 20


@digest_section(order=10)
def new_reports(since: datetime, until: datetime) -> Section | None:
    """Return the reports made from `since` up to `until`, each with its newest version."""
    made = Version.objects.filter(made_at__gte=since, made_at__lt=until)
    counted = made.order_by().values("report").annotate(count=Count("pk"), newest=Max("number"))
    rows = list(counted.order_by("report")[:MOST_LINES])
    titles = Report.objects.in_bulk([row["report"] for row in rows])
    lines = [_line(titles[row["report"]], row["newest"], row["count"]) for row in rows]
    return Section("New reports", lines) if lines else None


def _line(report: Report, number: int, count: int) -> Line:
    version = report.versions.without_content().select_related("report").get(number=number)
    detail = version.summary if count == 1 else f"{version.summary} ({count} versions)"
    return Line(f"{report.title}, {version.period.label}", version.get_absolute_url(), detail)
