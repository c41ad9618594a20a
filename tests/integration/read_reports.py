"""Reports to read in tests: small ones, hostile ones, and many versions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs.reports.content import (
    Chart,
    ChartKind,
    Column,
    Content,
    Figure,
    Figures,
    Heading,
    Paragraph,
    Series,
    Table,
)
from jobs.reports.making import make_version
from jobs.reports.models import Report, Version
from jobs.reports.periods import Period, calendar_week
from jobs.reports.registry import Definition, report
from jobs.reports.values import ValueType
from jobs.runs.models import Run
from jobs.runs.states import Kind, State

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HOSTILE = "<script>alert(\"x\")</script><img src=x onerror='alert(1)'>{{ 7|add:7 }}"


def build(period: Period) -> Content:
    """Return a small content."""
    return Content(
        f"About {period.label}.",
        [
            Figures([Figure("Runs", 1234, "per day")]),
            Table("Days", [Column("Name"), Column("Worth", ValueType.WHOLE)], [["Ann", 5]]),
        ],
    )


def build_hostile(period: Period) -> Content:
    """Return a content whose every text is an attack."""
    return Content(
        HOSTILE,
        [
            Heading(HOSTILE),
            Paragraph(HOSTILE),
            Figures([Figure(HOSTILE, HOSTILE, HOSTILE, ValueType.TEXT, note=HOSTILE)]),
            Table(HOSTILE, [Column(HOSTILE)], [[HOSTILE]]),
            Chart(HOSTILE, ChartKind.BAR, [HOSTILE], [Series(HOSTILE, [1])], HOSTILE),
        ],
    )


def build_charts(period: Period) -> Content:
    """Return a content with two charts."""
    series = [Series("High", [12.5, None])]
    return Content(
        f"About {period.label}.",
        [Chart(title, ChartKind.LINE, ["a", "b"], series, "d", digits=1) for title in ("A", "B")],
    )


# In one format, since a PDF takes its time.
WEEKLY = Definition(
    "weekly", "Weekly numbers", "About a week.", calendar_week(), build, formats=("csv",)
)
IN_ALL_FORMATS = replace(WEEKLY, formats=())


@contextmanager
def declared(definition: Definition = WEEKLY) -> Iterator[Definition]:
    """Have the report among those of the code while the block lasts."""
    known: Any = report.__globals__["_definitions"]
    known[definition.slug] = definition
    try:
        yield definition
    finally:
        del known[definition.slug]


def made(definition: Definition = WEEKLY, now: datetime = NOW) -> Version:
    """Return a version made at `now`."""
    return make_version(definition, now, None, now)


def copied(version: Version, numbers: range) -> None:
    """Add versions with these numbers that differ in nothing else, without files."""
    rows = []
    for number in numbers:
        row = Version.objects.get(pk=version.pk)
        row.pk, row.number, row.run_id = None, number, None
        rows.append(row)
    Version.objects.bulk_create(rows)


def page(client: Client, address: str, status: int = 200) -> str:
    """Return the page at `address`."""
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def schedule_of(slug: str, **changes: Any) -> PeriodicTask:
    """Return a schedule that makes the report."""
    daily, _ = IntervalSchedule.objects.get_or_create(every=1, period="days")
    facts: dict[str, Any] = {
        "name": f"Make {slug} {uuid4()}",
        "task": "reports.make",
        "kwargs": f'{{"report": "{slug}"}}',
        "interval": daily,
    }
    schedule: PeriodicTask = PeriodicTask.objects.create(**(facts | changes))
    return schedule


def run_of(schedule: PeriodicTask, state: State, due_at: datetime, **changes: Any) -> Run:
    """Return a run of the schedule."""
    facts: dict[str, Any] = {
        "id": uuid4(),
        "schedule": schedule,
        "task": schedule.task,
        "kind": Kind.SCHEDULED,
        "publish_at": due_at,
    }
    return Run.objects.create(**(facts | {"state": state, "due_at": due_at} | changes))


def only_for(report: Report, group: str) -> Group:
    """Let only this group read the report; return the group."""
    made_for, _ = Group.objects.get_or_create(name=group)
    report.groups.set([made_for])
    return made_for


def reader(name: str, *groups: Group) -> tuple[User, Client]:
    """Return a new person in these groups, and their browser."""
    user = User.objects.create_user(name, f"{name}@example.org")
    user.groups.set(groups)
    client = Client()
    client.force_login(user)
    return user, client
