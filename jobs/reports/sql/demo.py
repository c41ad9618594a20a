"""A report in SQL for the first `make run`, where the platform's own data can be asked."""

from typing import Any

from django.conf import settings

from jobs.reports.models import PeriodKind, Report, SqlDefinition
from jobs.reports.sql.sources import PLATFORM, sources

SLUG = "weather-month"
QUERY = """\
SELECT CAST(strftime('%d', day) AS integer) AS day_of_month,
       avg(highest_celsius) AS high,
       avg(lowest_celsius) AS low,
       100.0 * avg(precipitation_mm >= :wet_from_mm) AS wet
FROM reports_weatherobservation
WHERE strftime('%m', day) = strftime('%m', :period_first_day)
GROUP BY 1
ORDER BY 1
"""
DEFINITION: dict[str, Any] = {
    "source": PLATFORM,
    "query": QUERY,
    "period_kind": PeriodKind.PREVIOUS_MONTH,
    "summary": "In Seattle the month's days bring {mean:high} by day and {mean:low} by night, "
    "as a mean of the years on record.",
    "parameters": [
        {
            "name": "wet_from_mm",
            "type": "decimal number",
            "default": 1.0,
            "help": "From so much rain on a day is wet.",
        }
    ],
    "columns": [
        {"name": "day_of_month", "label": "Day"},
        {"name": "high", "label": "Mean high", "unit": "°C", "digits": 1},
        {"name": "low", "label": "Mean low", "unit": "°C", "digits": 1},
        {"name": "wet", "label": "Wet", "unit": "%", "digits": 0},
    ],
    "sections": [
        {"kind": "figure", "text": "Warmest day", "calculation": "max", "columns": ["high"]},
        {"kind": "figure", "text": "Coldest night", "calculation": "min", "columns": ["low"]},
        {
            "kind": "chart",
            "text": "Temperatures of the month",
            "label": "day_of_month",
            "columns": ["high", "low"],
        },
        {"kind": "table", "text": "Day by day", "columns": []},
    ],
}
SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Weather of the month, a first look",
        "task": "reports.make",
        "kwargs": {"report": SLUG},
        "every_seconds": 15,
        "once": True,
        "description": "Once, right after the first start. Every morning there is another one.",
    },
    {
        "name": "Weather of the month",
        "task": "reports.make",
        "kwargs": {"report": SLUG},
        "crontab": "30 7 * * *",
        "timezone": "Europe/Berlin",
        "description": "A report that is written in SQL; see Reports in the admin.",
    },
]


def schedules() -> list[dict[str, Any]]:
    """Return the schedules of the report, none where there is no source for it."""
    return SCHEDULES if PLATFORM in sources() else []


def load() -> None:
    """Write the report, unless its source is missing or the report is there."""
    if PLATFORM not in sources() or Report.objects.filter(slug=SLUG).exists():
        return
    report = Report.objects.create(
        slug=SLUG,
        title="Weather of the month",
        description="What the days of last month usually bring in Seattle.",
    )
    SqlDefinition.objects.create(report=report, zone=settings.TIME_ZONE, **DEFINITION)
