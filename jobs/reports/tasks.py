"""The task that schedules name to have a report made."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from jobs.reports.delivery import tasks as delivery_tasks  # noqa: F401
from jobs.reports.delivery.rehearsing import rehearse
from jobs.reports.delivery.starting import start_sending
from jobs.reports.making import make_version
from jobs.reports.registry import definition_of
from jobs.runs import current


@shared_task(name="reports.make")
def make(report: str, parameters: dict[str, Any] | None = None) -> dict[str, object]:
    """Make the next version of the report with the slug `report`; return where it is.

    It is about the run's logical instant. `parameters` are values for those that the report
    declares, by name; the others keep their defaults. A second try of the same run makes no
    second version. Raises UnknownReportError, and ValueError for a parameter that does not fit.
    """
    definition = definition_of(report)
    version = make_version(
        definition, current.due_at(), current.run_id(), timezone.now(), parameters
    )
    if current.is_rehearsal():
        rehearse(version)
    else:
        start_sending(version)
        current.link(str(version), version.get_absolute_url())
    return {
        "report": definition.slug,
        "version": version.number,
        "address": version.get_absolute_url(),
        "summary": version.summary,
    }
