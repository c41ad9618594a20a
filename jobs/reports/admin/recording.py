"""What the trail knows of a report: its settings, its query, and who gets it by mail."""

from jobs.reports.models import Report, SqlDefinition
from jobs.runs.trail import Picture, text_of

OF_REPORT = (
    "slug", "title", "description", "owner", "formats", "versions_kept", "days_kept",
    "ready_within_seconds", "is_sharing_allowed",
)  # fmt: skip
OF_QUERY = (
    "source", "query", "parameters", "columns", "sections", "summary", "period_kind",
    "period_hours", "zone",
)  # fmt: skip


def picture_of(report_id: int | None) -> Picture:
    """Return the report's values as texts by their names; empty for one that there is not."""
    report = None if report_id is None else Report.objects.filter(pk=report_id).first()
    if report is None:
        return {}
    seen = {name: text_of(getattr(report, name)) for name in OF_REPORT}
    seen["groups"] = ", ".join(sorted(report.groups.values_list("name", flat=True)))
    seen["tags"] = ", ".join(sorted(report.tags.values_list("name", flat=True)))
    definition = SqlDefinition.objects.filter(report=report).first()
    if definition is not None:
        seen |= {name: text_of(getattr(definition, name)) for name in OF_QUERY}
    return seen
