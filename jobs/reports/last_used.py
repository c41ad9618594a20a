"""Since when nobody has read a report, for whoever looks for schedules that nobody needs."""

from collections.abc import Sequence
from datetime import datetime

from jobs.reports.models import Report
from jobs.reports.reading.schedules import slug_of
from jobs.reports.tasks import make
from jobs.runs.usage import Call, last_used


@last_used(make.name)
def last_read(calls: Sequence[Call]) -> list[datetime | None]:
    """Return when each report was last read; of one never read, since when it is there.

    Accurate to an hour: pages write it so often. None for a report without a row.
    """
    slugs = [slug_of(call.args, call.kwargs) for call in calls]
    reports = Report.objects.filter(slug__in={slug for slug in slugs if slug})
    known = {report.slug: report.last_read_at or report.added_at for report in reports}
    return [known.get(slug) if slug else None for slug in slugs]
