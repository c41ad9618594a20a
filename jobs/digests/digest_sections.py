"""What digests tell by themselves: the runs that did not end well."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.urls import reverse

from jobs.digests.registry import Line, Section, digest_section
from jobs.runs.models import Run
from jobs.runs.states import FAILURES, Kind, State

SHOWN = 10


@digest_section(order=20)
def failures(since: datetime, until: datetime) -> Section | None:
    """Return what failed or was lost in the span: a line per schedule, the most frequent first."""
    bad = Run.objects.filter(state__in=FAILURES, finished_at__gte=since, finished_at__lt=until)
    bad = bad.exclude(kind=Kind.REHEARSAL)
    by_title = bad.values("schedule_name", "task").annotate(
        count=Count("id"), last=Max("finished_at")
    )
    groups = list(by_title.order_by("-count", "-last")[: SHOWN + 1])
    if not groups:
        return None
    lines = [_line(bad, group) for group in groups[:SHOWN]]
    if len(groups) > SHOWN:
        lines.append(Line("And more.", f"{reverse('runs:history')}?state={State.FAILED.value}"))
    return Section("Runs that failed", lines)


def _line(bad: QuerySet[Run], group: Mapping[str, Any]) -> Line:
    """Return the line of one schedule or task, with its last failure's reason and page."""
    same = bad.filter(schedule_name=group["schedule_name"], task=group["task"])
    last = same.order_by("-finished_at").defer("traceback", "result", "args", "kwargs").first()
    if last is None:  # cleaned up a moment ago
        return Line(group["schedule_name"] or group["task"])
    times = "once" if group["count"] == 1 else f"{group['count']} times"
    reason = last.reason_text or last.reason or last.get_state_display()
    return Line(f"{last.title}: {times}", last.get_absolute_url(), reason)
