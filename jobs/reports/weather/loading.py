"""Putting observations into the database."""

from jobs.reports.models import WeatherObservation
from jobs.reports.weather.file import Observation

BATCH_ROWS = 500
MEASURED = ["precipitation_mm", "highest_celsius", "lowest_celsius", "wind_metres_per_second"]


def store_observations(observations: list[Observation]) -> int:
    """Insert or correct the day of every observation, all or none; return how many there are.

    All batches of a `bulk_create` are one transaction.
    """
    WeatherObservation.objects.bulk_create(
        [WeatherObservation(**vars(observation)) for observation in observations],
        batch_size=BATCH_ROWS,
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=MEASURED,
    )
    return len(observations)
