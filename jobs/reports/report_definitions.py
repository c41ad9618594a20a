"""The reports that the platform brings along."""

from django.conf import settings

from jobs.reports.content import Content
from jobs.reports.history.report import history_content
from jobs.reports.history.runs import run_history
from jobs.reports.models import WeatherObservation
from jobs.reports.periods import Period, calendar_week, last_days
from jobs.reports.registry import add_finder, report
from jobs.reports.sql.stored import StoredReports
from jobs.reports.weather.file import Observation
from jobs.reports.weather.record import week_record
from jobs.reports.weather.report import weather_content

add_finder(StoredReports())


class NoWeatherError(Exception):
    """There is nothing on record to make a report of."""


@report(
    slug="weather-week",
    title="Weather of the week",
    description="What this week of the year usually brings in Seattle, from four years of "
    "daily observations.",
    period=calendar_week(settings.TIME_ZONE),
)
def weather_week(period: Period) -> Content:
    """Return what the years on record say about the days of the week."""
    rows = WeatherObservation.objects.values_list(
        "day", "precipitation_mm", "highest_celsius", "lowest_celsius", "wind_metres_per_second"
    )
    record = week_record(period.days, (Observation(*row) for row in rows))
    if not record.years:
        raise NoWeatherError(
            f"No weather is on record for the days {period.label}. "
            "Load observations with `manage.py load_weather`."
        )
    return weather_content(record)


@report(
    slug="run-history",
    title="Platform history",
    description="How the runs of the last seven days went: how many, how long, which failed.",
    period=last_days(7, settings.TIME_ZONE),
)
def run_history_week(period: Period) -> Content:
    """Return the report about the runs that were due in `period`."""
    return history_content(run_history(period), period)
