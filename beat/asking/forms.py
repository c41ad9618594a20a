"""What people are asked before an action: one small form for each."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from beat.actions.backfill import LONGEST_PACE_SECONDS, MOST_AT_ONCE
from beat.actions.pause import REASON_LENGTH
from beat.actions.resume import Missed
from beat.forms.dressing import dress
from beat.forms.instants import SiteTimeField

WHY_LENGTH = 500


class AskingForm(forms.Form):
    """Why; what every action asks."""

    why = forms.CharField(
        label="Why",
        max_length=WHY_LENGTH,
        required=False,
        help_text="Optional; it is kept with what you do.",
    )

    use_required_attribute = False
    field_order: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the fields the admin's look."""
        super().__init__(*args, **kwargs)
        dress(self)
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"


def clock() -> str:
    """Return by whose clock local times are meant, for the texts of the forms."""
    return f"By the clock of {timezone.get_default_timezone_name()}."


class RunForm(AskingForm):
    """Run now, or rehearse."""

    due_at = SiteTimeField(label="Logical time", required=False)
    field_order = ("due_at", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say by which clock."""
        super().__init__(*args, **kwargs)
        self.fields["due_at"].help_text = (
            "The instant that the task counts from: for a report about a day of last week write "
            f"an instant of then. Empty: now. {clock()}"
        )


class PauseForm(AskingForm):
    """Pause."""

    why = forms.CharField(
        label="Reason",
        max_length=REASON_LENGTH,
        help_text="Shown with the schedule and with each occurrence that is skipped.",
    )
    until = SiteTimeField(label="Until", required=False)
    field_order = ("why", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say by which clock."""
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = f"Empty: until somebody resumes it. {clock()}"

    def clean_until(self) -> datetime | None:
        """Return the end, if it is to come."""
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError("The pause would be over already. Write a later instant.")
        return until


class ResumeForm(AskingForm):
    """Resume."""

    missed = forms.ChoiceField(
        label="What was missed in the pause",
        choices=[
            (Missed.NONE.value, "Stays skipped"),
            (Missed.LATEST.value, "Run the latest one"),
            (Missed.ALL.value, "Run all, one after the other, oldest first"),
        ],
        initial=Missed.NONE.value,
        widget=forms.RadioSelect,
    )
    field_order = ("missed", "why")


class SkipForm(AskingForm):
    """Skip the next; `due_at` is the one that was asked about, so that asking twice skips one."""

    due_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_due_at(self) -> datetime | None:
        """Return the instant."""
        text: str = self.cleaned_data["due_at"]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            raise forms.ValidationError("Open this page again.") from None


class BackfillForm(AskingForm):
    """Backfill."""

    from_at = SiteTimeField(label="From")
    before_at = SiteTimeField(label="To, not included")
    at_most = forms.IntegerField(
        label="Runs at once",
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=1,
        help_text="Where the runs of a schedule must not overlap, it is one at a time anyway.",
    )
    pace_seconds = forms.IntegerField(
        label="Seconds between two starts",
        min_value=0,
        max_value=LONGEST_PACE_SECONDS,
        initial=0,
        help_text="0: the next one starts as soon as there is room.",
    )
    field_order = ("from_at", "before_at", "at_most", "pace_seconds", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the last day."""
        super().__init__(*args, **kwargs)
        now = timezone.now().replace(second=0, microsecond=0)
        self.initial = {"from_at": now - timedelta(days=1), "before_at": now, **self.initial}
        self.fields["from_at"].help_text = self.fields["before_at"].help_text = clock()


class RetryForm(AskingForm):
    """Start failed runs again."""

    since = SiteTimeField(label="Those due since")
    field_order = ("since", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the last day."""
        super().__init__(*args, **kwargs)
        now = timezone.now().replace(second=0, microsecond=0)
        self.initial = {"since": now - timedelta(days=1), **self.initial}
        self.fields["since"].help_text = clock()
