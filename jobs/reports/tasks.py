"""The task that schedules name to have a report made."""

from celery import shared_task
from django.utils import timezone

from jobs.reports.making import make_version
from jobs.reports.registry import definition_of
from jobs.runs import current


@shared_task(name="reports.make")
def make(report: str) -> dict[str, object]:
    """Make the next version of the report with the slug `report`; return where it is.

    It is about the run's logical instant. A second try of the same run makes no second version.
    Raises UnknownReportError.
    """
    definition = definition_of(report)
    version = make_version(definition, current.due_at(), current.run_id(), timezone.now())
    current.link(str(version), version.get_absolute_url())
    return {
        "report": definition.slug,
        "version": version.number,
        "address": version.get_absolute_url(),
        "summary": version.summary,
    }
