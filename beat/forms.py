"""The form of a schedule: which task, when, with what."""

import calendar
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from beat import policy_words
from beat.calendars.countries import check_country, check_subdivision
from beat.models import Calendar, CalendarEntry, Policy

A_LEAP_YEAR = 2024


class RegisteredTaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):  # type: ignore[misc]
    """A select of the registered tasks in the admin's look."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        """Return the options; a task that is not registered here keeps an option of its own."""
        known = {choice for choice, _ in self.choices}
        for unknown in set(filter(None, value)) - known:
            self._choices = (*self.choices, (unknown, f"{unknown} (not registered here)"))
        return super().optgroups(name, value, attrs)


class ScheduleForm(PeriodicTaskForm):  # type: ignore[misc]
    """django-celery-beat's form with the task select prefilled and its traps closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Prefill the select of registered tasks, which stays empty out of the box."""
        super().__init__(*args, **kwargs)
        self.fields["regtask"].widget = RegisteredTaskWidget()
        self.fields["regtask"].label = "Task"
        self.fields["regtask"].help_text = "The tasks that this installation knows."
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["task"].label = "Task by name"
        self.fields["task"].help_text = "Only for a task that the list above does not hold."
        if self.instance.pk:
            self.initial["regtask"] = self.instance.task

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values; of the two task fields the one that was changed counts."""
        if "task" in self.changed_data and "regtask" not in self.changed_data:
            self.cleaned_data["regtask"] = ""
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def clean_args(self) -> str:
        """Return the positional arguments: a JSON list."""
        return self._json_of("args", list, "[1, 2]")

    def clean_kwargs(self) -> str:
        """Return the keyword arguments: a JSON object."""
        return self._json_of("kwargs", dict, '{"report": "run-history"}')

    def clean_headers(self) -> str:
        """Return the headers: a JSON object; anything else would stop stock beat for everybody."""
        return self._json_of("headers", dict, '{"team": "finance"}')

    def _json_of(self, field: str, kind: type, example: str) -> str:
        raw: str = self.cleaned_data[field]
        word = "list" if kind is list else "object"
        try:
            value = json.loads(raw)
        except ValueError as problem:
            raise forms.ValidationError(
                f"This is not valid JSON ({problem}). Write a JSON {word} such as {example}."
            ) from None
        if not isinstance(value, kind):
            raise forms.ValidationError(f"Write a JSON {word} such as {example}.")
        return raw


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A schedule's policy: refuses what would never have an effect."""

    class Meta:
        model = Policy
        # The inline names its fields; all of them are the operator's.
        exclude = ()  # noqa: DJ006
        labels = policy_words.LABELS
        help_texts = policy_words.HELP_TEXTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in words what the codes of the clock's two changes do."""
        super().__init__(*args, **kwargs)
        for name, choices in policy_words.CHOICES.items():
            # Who may only view has no such field.
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("is_paused") and (cleaned.get("paused_until")):
            self.add_error("paused_until", "It has no effect: tick 'is paused', or leave it empty.")
        soft, hard = cleaned.get("soft_time_limit_seconds"), cleaned.get("time_limit_seconds")
        if soft and hard and soft >= hard:
            self.add_error(
                "soft_time_limit_seconds",
                f"The task would be killed before it is asked to end; write less than {hard}.",
            )
        if cleaned.get("max_attempts") == 0:
            self.add_error("max_attempts", "Write 1 for a single attempt without retries.")
        return cleaned


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
