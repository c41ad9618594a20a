"""What cleanup deletes of reports."""

from datetime import datetime

from django.conf import settings

from jobs.cleanup.registry import Batch, retention_rule
from jobs.reports.models import Report, Version

EXAMPLES = 5


@retention_rule(
    "report versions", f"keeps the newest {settings.REPORT_VERSIONS_KEPT} of each report"
)
def old_versions(now: datetime, limit: int, dry_run: bool) -> Batch:  # noqa: ARG001
    """Delete at most `limit` versions, with their files, beyond the newest of each report."""
    surplus: list[Version] = []
    for report in Report.objects.order_by("pk"):
        surplus += _surplus(report, limit - len(surplus))
    examples = [str(version) for version in surplus[:EXAMPLES]]
    if not dry_run:
        pks = [version.pk for version in surplus]
        Version.objects.filter(pk__in=pks).delete_with_files()
    return Batch(len(surplus), examples)


def _surplus(report: Report, limit: int) -> list[Version]:
    """Return the oldest versions of `report` that are too many, at most `limit`."""
    kept = settings.REPORT_VERSIONS_KEPT
    newest = report.versions.order_by("-number").values_list("number", flat=True)
    oldest_kept = next(iter(newest[kept - 1 : kept]), None)
    if oldest_kept is None or limit < 1:
        return []
    older = report.versions.without_content().filter(number__lt=oldest_kept)
    return list(older.select_related("report").order_by("number")[:limit])
