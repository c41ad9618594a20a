"""The weather data of one report."""

from django.db import models


class WeatherObservation(models.Model):
    """What was measured on one day at Seattle-Tacoma airport; see data/README.md."""

    day = models.DateField(unique=True)
    precipitation_mm = models.FloatField()
    highest_celsius = models.FloatField()
    lowest_celsius = models.FloatField()
    wind_metres_per_second = models.FloatField()

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"Weather of {self.day}"
