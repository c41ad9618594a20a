"""The form of what a report's owners decide."""

from django import forms

from jobs.reports.formats import Format
from jobs.reports.models import Report


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """A report's owner, readers, formats, retention and promise."""

    formats = forms.MultipleChoiceField(
        choices=Format.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The formats that each version is made in; none ticked: all of them.",
    )

    class Meta:
        model = Report
        fields = (
            "owner", "groups", "tags", "formats", "versions_kept", "days_kept",
            "ready_within_seconds", "is_sharing_allowed",
        )  # fmt: skip
        widgets = {
            "groups": forms.CheckboxSelectMultiple,
            "tags": forms.CheckboxSelectMultiple,
        }
        labels = {
            "versions_kept": "Versions kept",
            "days_kept": "Days kept",
            "ready_within_seconds": "Promise: ready within seconds",
        }
