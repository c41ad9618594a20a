"""What the first `make run` schedules and loads, so that there is something to read at once."""

from typing import Any

from django.core.management import call_command

from jobs.reports.models import WeatherObservation

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
]


def load() -> str:
    """Load the weather observations; return what there is."""
    call_command("load_weather", verbosity=0)
    return f"{WeatherObservation.objects.count():,} days of weather observations are loaded."
