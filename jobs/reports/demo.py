"""What the first `make run` schedules and loads, so that there is something to read at once."""

from typing import Any

from django.core.management import call_command

from jobs.reports.models import WeatherObservation
from jobs.reports.sql import demo as sql_demo

SCHEDULES: list[dict[str, Any]] = [
    {
        "name": "Platform history",
        "task": "reports.make",
        "kwargs": {"report": "run-history"},
        "every_seconds": 30,
        "description": "So often only to show something soon; once an hour is plenty.",
    },
    {
        "name": "Weather of the week, a first look",
        "task": "reports.make",
        "kwargs": {"report": "weather-week"},
        "every_seconds": 10,
        "once": True,
        "description": "Once, right after the first start. Every morning there is another one.",
    },
    {
        "name": "Weather of the week",
        "task": "reports.make",
        "kwargs": {"report": "weather-week"},
        "crontab": "0 7 * * *",
        "timezone": "Europe/Berlin",
        "description": "What this week of the year usually brings in Seattle.",
    },
    *sql_demo.schedules(),
]


def load() -> str:
    """Load the weather observations and the report in SQL; return what there is."""
    call_command("load_weather", verbosity=0)
    sql_demo.load()
    return f"{WeatherObservation.objects.count():,} days of weather observations are loaded."
