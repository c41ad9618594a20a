"""Fields for local times, and the instants that they mean by the clock of a zone."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

# Beyond them arithmetic with zones leaves the calendar, or PostgreSQL's.
FIRST_YEAR, LAST_YEAR = 1970, 9000


class LocalTimeInput(forms.DateTimeInput):
    """The browser's own field for a date and a time, to the second."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Take seconds, which browsers leave out otherwise."""
        super().__init__({"step": "1", **(attrs or {})}, format="%Y-%m-%dT%H:%M:%S")


class LocalTimeField(forms.Field):
    """A date and a time without a zone; its value is a naive datetime, or None."""

    widget = LocalTimeInput

    def to_python(self, value: Any) -> datetime | None:
        """Return the local time; raises ValidationError with an example."""
        if value in self.empty_values:
            return None
        try:
            local = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
        except ValueError:
            raise _unreadable() from None
        if local.tzinfo is not None:
            raise _unreadable()
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            raise forms.ValidationError(
                f"The year {local.year} is too far off; write {FIRST_YEAR} to {LAST_YEAR}."
            )
        return local.replace(microsecond=0)


class SiteTimeField(LocalTimeField):
    """A local time by the clock of the setting TIME_ZONE; its value is an instant, or None."""

    def clean(self, value: Any) -> datetime | None:
        """Return the instant (UTC)."""
        local: datetime | None = super().clean(value)
        return None if local is None else instant_of(local, _site_zone())

    def prepare_value(self, value: Any) -> Any:
        """Return what the field shows of an instant."""
        return local_of(value, _site_zone()) if isinstance(value, datetime) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is shown, to the second."""
        return super().has_changed(self.prepare_value(initial), data)


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a local time, the first of two; raises ValidationError."""
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise forms.ValidationError(
            f"On {local:%Y-%m-%d} the clock of {zone.key} goes forward and leaves {local:%H:%M} "
            "out. Write an earlier or a later time."
        )
    return instant


def local_of(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive local time of an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _site_zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_default_timezone_name())


def _unreadable() -> forms.ValidationError:
    return forms.ValidationError("Write a date and a time such as 2027-03-28 14:30.")
