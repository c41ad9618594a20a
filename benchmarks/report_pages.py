"""What the server takes for the pages of reports, with very many reports and versions.

As in `pages`, a time is that of the whole request in this process.
"""

import json
from argparse import Namespace

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django_celery_beat.models import IntervalSchedule

from benchmarks.figures import print_heading, print_row
from benchmarks.pages import PLAIN_FILES, measured
from benchmarks.stage import say
from jobs.reports.content import Column, Content, Figure, Figures, Table
from jobs.reports.content_json import to_json
from jobs.reports.models import Report, ReportTag
from jobs.reports.values import Cell, ValueType

GROUPS, TAGS = 20, 50
SCHEDULES = """
INSERT INTO django_celery_beat_periodictask (
    name, task, args, kwargs, headers, enabled, one_off, total_run_count, description, date_changed,
    interval_id
)
SELECT 'make ' || slug, 'reports.make', '[]', json_build_object('report', slug)::text, '{}', true,
    false, 0, '', now(), %s
FROM reports_report WHERE slug LIKE 'measured-%%'
"""
VERSIONS = """
INSERT INTO reports_version (
    report_id, number, due_at, period_start_at, period_end_at, zone, made_at, summary, parameters,
    measures, content
)
SELECT report.id, n, day, day - interval '1 day', day, 'UTC', day, 'A thousand orders.', '{}', '{}',
    %s::jsonb
FROM reports_report AS report, generate_series(1, %s) AS n,
    LATERAL (SELECT date_trunc('day', now()) - (%s - n) * interval '1 day' AS day) AS days
WHERE report.slug LIKE 'measured-%%'
"""


def measure(database: str, options: Namespace) -> None:
    """Print a line for each page."""
    say(f"{database}: {options.reports:,} reports and {options.versions:,} versions")
    _fill(options.reports, options.versions // options.reports)
    with override_settings(STORAGES=PLAIN_FILES):
        _print_pages(database, options)


def _print_pages(database: str, options: Namespace) -> None:
    reader = User.objects.create_user("measured-reader")
    reader.groups.set(Group.objects.filter(name="measured 0"))
    report = Report.objects.filter(slug__startswith="measured-").order_by("pk")[0]
    pages = {
        "library, first page": "/reports/?",
        "library, searched": "/reports/?q=number+7",
        "library, page 30": "/reports/?page=30",
        "report, latest version": f"/reports/{report.pk}/?",
        "report, all versions": f"/reports/{report.pk}/versions/?",
        "report, about a day of which there is none": f"/reports/{report.pk}/about/?day=1999-01-01",
        "report, what changed": f"/reports/{report.pk}/versions/50/changes/?",
        "home": "/?",
    }
    counts = f"{options.reports:,} reports and {options.versions:,} versions"
    print(f"\nPages with {counts}, {database}:")
    print_heading("page", "|queries", "|p50", "|p99", "|slowest")
    client = Client(headers={"host": "localhost"})
    client.force_login(reader)
    for title, address in pages.items():
        queries, *times = measured(client, address, options.times)
        print_row(title, queries, *times[1:])


def _fill(reports: int, versions_each: int) -> None:
    """Make so many reports, each with a schedule and so many daily versions; a tenth for groups."""
    groups = Group.objects.bulk_create(Group(name=f"measured {n}") for n in range(GROUPS))
    tags = ReportTag.objects.bulk_create(ReportTag(name=f"measured {n}") for n in range(TAGS))
    made = Report.objects.bulk_create(
        Report(slug=f"measured-{n}", title=f"Report number {n}", description="Orders by country.")
        for n in range(reports)
    )
    in_groups, with_tags = Report.groups.through, Report.tags.through
    in_groups.objects.bulk_create(
        in_groups(report_id=one.pk, group_id=groups[n // 10 % GROUPS].pk)
        for n, one in enumerate(made)
        if n % 10 == 0
    )
    with_tags.objects.bulk_create(
        with_tags(report_id=one.pk, reporttag_id=tags[n // 2 % TAGS].pk)
        for n, one in enumerate(made)
        if n % 2 == 0
    )
    daily, _ = IntervalSchedule.objects.get_or_create(every=1, period="days")
    with connection.cursor() as cursor:
        cursor.execute(SCHEDULES, [daily.pk])
        cursor.execute(VERSIONS, [_content(), versions_each, versions_each])
        cursor.execute("ANALYZE")


def _content() -> str:
    """Return a content as versions keep it: some figures, and a table of a hundred rows."""
    columns = [Column("Country"), Column("Orders", ValueType.WHOLE)]
    rows: list[list[Cell]] = [[f"Country {n}", n] for n in range(100)]
    figures = Figures([Figure("Orders", 1000), Figure("Amount", 12.5, "EUR", ValueType.DECIMAL)])
    return json.dumps(to_json(Content("A thousand orders.", [figures, Table("T", columns, rows)])))
