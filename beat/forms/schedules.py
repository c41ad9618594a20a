"""The form of a schedule: which task, when, with what."""

import json
from typing import Any

from django import forms
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget


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
