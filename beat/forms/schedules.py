"""The form of a schedule's own columns: which task, within which bounds."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Model
from django_celery_beat.models import PeriodicTask

from beat.forms.dressing import dress
from beat.forms.instants import SiteTimeField

AN_OBJECT = 'a JSON object such as {"team": "finance"}'
# A hundred years, as beat has it; PostgreSQL's integer would hold less than some browsers send.
LONGEST_EXPIRY_SECONDS = 100 * 366 * 86_400


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A schedule without what other forms have: its rule, arguments and policy."""

    start_time = SiteTimeField(required=False, label="Starts")
    expires = SiteTimeField(required=False, label="Ends")

    class Meta:
        model = PeriodicTask
        fields = (
            "name", "task", "enabled", "description", "start_time", "expires", "one_off", "queue",
            "exchange", "routing_key", "priority", "headers", "expire_seconds",
        )  # fmt: skip
        labels = {
            "task": "Task",
            "enabled": "Switched on",
            "one_off": "Only once",
            "queue": "Queue",
            "headers": "Headers",
            "priority": "Priority",
            "expire_seconds": "Seconds until a run is too late",
        }
        help_texts = {
            "name": "",
            "task": "Write a part of its name to search.",
            "description": "For whoever looks at it next: what it is for, whom to ask.",
            "enabled": "",
            "one_off": "It is switched off after its next run.",
            "queue": "Empty: the task's own.",
            "exchange": "",
            "routing_key": "",
            "headers": "A JSON object that goes with each message.",
            "priority": "0 to 255; with Redis 0 is the highest.",
            "expire_seconds": "A run that no worker has begun by then does not run any more.",
        }
        widgets = {
            "task": forms.TextInput(
                {"list": "tasks", "autocomplete": "off", "spellcheck": "false"}
            ),
            "description": forms.Textarea({"rows": 2}),
            "headers": forms.Textarea({"rows": 2, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say by whose clock the bounds are, and give the fields their look."""
        super().__init__(*args, **kwargs)
        clock = f"By the clock of {settings.TIME_ZONE}."
        self.fields["start_time"].help_text = f"Nothing is due before. {clock}"
        self.fields["expires"].help_text = f"Nothing is due from then on. {clock}"
        dress(self)

    def validate_unique(self) -> None:
        """Check the name; that there is one rule, as stock asks too, is the other form's."""
        try:
            Model.validate_unique(self.instance, exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
        except forms.ValidationError as problem:
            self._update_errors(problem)  # type: ignore[attr-defined]

    def clean_task(self) -> str:
        """Return the name of the task."""
        task: str = self.cleaned_data["task"].strip()
        if not task:
            raise forms.ValidationError("Choose a task.")
        return task

    def clean_headers(self) -> str:
        """Return the headers: a JSON object; anything else would stop stock beat for everybody."""
        raw: str = (self.cleaned_data["headers"] or "").strip() or "{}"
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as problem:
            raise forms.ValidationError(
                f"This is not valid JSON ({str(problem)[:100]}). Write {AN_OBJECT}."
            ) from None
        if not isinstance(value, dict):
            raise forms.ValidationError(f"Write {AN_OBJECT}.")
        return raw

    def clean_expire_seconds(self) -> int | None:
        """Return how long a run may wait."""
        seconds: int | None = self.cleaned_data["expire_seconds"]
        if seconds is not None and seconds > LONGEST_EXPIRY_SECONDS:
            raise forms.ValidationError(f"Write at most {LONGEST_EXPIRY_SECONDS}, a hundred years.")
        return seconds

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts_at, expires = cleaned.get("start_time"), cleaned.get("expires")
        if starts_at and expires and expires <= starts_at:
            self.add_error("expires", "It ends before it begins. Write a later end.")
        if cleaned.get("expires") and cleaned.get("expire_seconds") is not None:
            self.add_error(
                "expire_seconds", "Keep one of the two: this, or the end of the schedule."
            )
        return cleaned
