"""The numbers of versions, as gates and conditions compare them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from jobs.reports.delivery.measured import Measured
from jobs.reports.models import Version

DAY = timedelta(days=1)


def measured(version: Version) -> Measured:
    """Return the version's numbers."""
    return Measured(version.row_count, version.measures)


def measured_before(version: Version) -> Measured | None:
    """Return the numbers of the version before, or None when it is the first."""
    earlier = Version.objects.filter(report=version.report_id, number__lt=version.number)
    found = earlier.without_content().order_by("-number").first()
    return measured(found) if found is not None else None


def measured_by_day(version: Version, weeks: int) -> dict[date, Measured]:
    """Return the numbers of the earlier versions of so many weeks by the day they were due on.

    Of several versions of a day the last one counts. Days are those of the version's zone.
    """
    since = version.due_at - timedelta(weeks=weeks) - DAY
    found = Version.objects.filter(
        report=version.report_id, number__lt=version.number, due_at__gte=since
    )
    rows = found.order_by("due_at", "number").values_list("due_at", "row_count", "measures")
    return {_day(due_at, version): Measured(count, figures) for due_at, count, figures in rows}


def _day(due_at: datetime, version: Version) -> date:
    return due_at.astimezone(ZoneInfo(version.zone)).date()
