"""Who changed a report, when and how: entries in the trail."""

import json
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.utils import timezone

from jobs.reports.models import Report, SqlDefinition
from jobs.runs.remote_address import remote_address

OF_REPORT = (
    "slug", "title", "description", "owner", "formats", "versions_kept", "days_kept",
    "ready_within_seconds", "is_sharing_allowed",
)  # fmt: skip
OF_QUERY = (
    "source", "query", "parameters", "columns", "sections", "summary", "period_kind",
    "period_hours", "zone",
)  # fmt: skip

Picture = dict[str, str]


def picture_of(report_id: int | None) -> Picture:
    """Return the report's values as texts by their names; empty for one that there is not."""
    report = None if report_id is None else Report.objects.filter(pk=report_id).first()
    if report is None:
        return {}
    seen = {name: _text(getattr(report, name)) for name in OF_REPORT}
    seen["groups"] = ", ".join(sorted(report.groups.values_list("name", flat=True)))
    seen["tags"] = ", ".join(sorted(report.tags.values_list("name", flat=True)))
    definition = SqlDefinition.objects.filter(report=report).first()
    if definition is not None:
        seen |= {name: _text(getattr(definition, name)) for name in OF_QUERY}
    return seen


def record(request: HttpRequest, report: Report, before: Picture, after: Picture) -> None:
    """Write an entry with the difference, if there is one; belongs into the same transaction."""
    names = dict.fromkeys([*before, *after])
    changes = {
        name: [before.get(name, ""), after.get(name, "")]
        for name in names
        if before.get(name, "") != after.get(name, "")
    }
    if not changes:
        return
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(Report),
        object_pk=str(report.pk),
        object_id=report.pk,
        object_repr=str(report),
        action=_kind(before, after),
        changes=changes,
        actor_id=request.user.pk,
        remote_addr=remote_address(request) or None,
        additional_data=_told(request, before, after),
        timestamp=timezone.now(),
    )


def _kind(before: Picture, after: Picture) -> int:
    if not before:
        return int(LogEntry.Action.CREATE)
    return int(LogEntry.Action.UPDATE if after else LogEntry.Action.DELETE)


def _told(request: HttpRequest, before: Picture, after: Picture) -> dict[str, str]:
    """Return what the trail says beside the difference."""
    action = "edit" if before and after else "add" if after else "delete"
    return {
        "action": action,
        "by": request.user.get_username(),
        "origin": "admin",
        "address": remote_address(request),
    }


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
