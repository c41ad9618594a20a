"""Calendars: days and windows that exclude or allow."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from timezone_field import TimeZoneField


class Calendar(models.Model):
    """Named days and windows on which schedules are not due, or on which alone they are."""

    name = models.CharField(max_length=100, unique=True)
    timezone = TimeZoneField(default="UTC", use_pytz=False)
    # With `allows`, schedules are due within the entries only; else everywhere but in them.
    allows = models.BooleanField(default=False, verbose_name="due only on these days")
    # Public holidays count as entries: a country of the `holidays` package, such as DE or US.
    country = models.CharField(max_length=3, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)

    def __str__(self) -> str:
        return self.name


class CalendarEntry(models.Model):
    """A day, or a window of it, of one year or of every year."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="entries")
    month = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(31)])
    # Empty: the same day of every year.
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1970), MaxValueValidator(9999)]
    )
    # Empty: the whole day. A window that ends before it starts goes over midnight.
    starts_at_time = models.TimeField(null=True, blank=True)
    ends_at_time = models.TimeField(null=True, blank=True)
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name_plural = "calendar entries"

    def __str__(self) -> str:
        year = f"{self.year:04}" if self.year else "every year"
        return f"{self.name or 'entry'} on {self.month:02}-{self.day:02} ({year})"
