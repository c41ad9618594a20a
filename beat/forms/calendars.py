"""The forms of a calendar and of its days."""

import calendar
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from beat.calendars.countries import check_country, check_subdivision
from beat.models import Calendar, CalendarEntry

A_LEAP_YEAR = 2024


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A calendar: its country and subdivision must be some whose holidays are known."""

    # Long enough for a name: it is answered with its code.
    country = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="Its public holidays count as days of this calendar: a code such as DE or US.",
    )
    subdivision = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="A state or region with holidays of its own: its code, such as BE for Berlin.",
    )

    class Meta:
        model = Calendar
        fields = ("name", "allows", "timezone", "country", "subdivision")
        labels = {"timezone": "Time zone"}
        help_texts = {
            "allows": "Off: schedules are not due on the days below.",
            "timezone": "By whose clock the days begin and end.",
        }

    def clean_country(self) -> str:
        """Return the code of the country, or nothing."""
        country: str = self.cleaned_data["country"]
        if country:
            with sentence_for_the_form():
                check_country(country)
        return country

    def clean_subdivision(self) -> str:
        """Return the code of the subdivision, or nothing."""
        subdivision: str = self.cleaned_data["subdivision"]
        # Without it the country was refused, which says enough.
        if subdivision and "country" in self.cleaned_data:
            with sentence_for_the_form():
                check_subdivision(self.cleaned_data["country"], subdivision)
        return subdivision


@contextmanager
def sentence_for_the_form() -> Iterator[None]:
    """Raise a ValidationError with the same sentence instead of a ValueError."""
    try:
        yield
    except ValueError as problem:
        raise forms.ValidationError(str(problem)) from None


class CalendarEntryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A day of a calendar: it must exist, and a window needs both ends."""

    class Meta:
        model = CalendarEntry
        fields = ("name", "month", "day", "year", "starts_at_time", "ends_at_time")
        help_texts = {
            "year": "Empty: every year.",
            "starts_at_time": "Empty: the whole day.",
            "ends_at_time": "Earlier than the start: on the next day.",
        }

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values."""
        cleaned: dict[str, Any] = super().clean() or {}
        month, day = cleaned.get("month"), cleaned.get("day")
        if month and day:
            last = calendar.monthrange(cleaned.get("year") or A_LEAP_YEAR, month)[1]
            if day > last:
                self.add_error("day", f"The month has {last} days; write a smaller one.")
        if (cleaned.get("starts_at_time") is None) != (cleaned.get("ends_at_time") is None):
            self.add_error("ends_at_time", "Write both ends of the window, or none of them.")
        return cleaned
