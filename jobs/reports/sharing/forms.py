"""What is asked before a link is made."""

from django import forms

from jobs.reports.sharing.links import LONGEST_DAYS

NOTE_LENGTH = 200
DAYS = {1: "1 day", 7: "7 days", 30: "30 days", LONGEST_DAYS: f"{LONGEST_DAYS} days"}
THIS, LATEST = "this", "latest"


class ShareForm(forms.Form):
    """For how long, to which version, and what for."""

    days = forms.TypedChoiceField(
        label="It opens for", choices=list(DAYS.items()), coerce=int, initial=7
    )
    shows = forms.ChoiceField(label="It shows", choices=[(LATEST, "always the latest version")])
    note = forms.CharField(
        label="For whom",
        max_length=NOTE_LENGTH,
        required=False,
        help_text="Optional; it stands in the list below.",
    )

    def __init__(self, *args: object, number: int | None, **kwargs: object) -> None:
        """Offer the version with this number, where there is one."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})  # type: ignore[arg-type]
        if number is not None:
            this = (THIS, f"version {number} only")
            self.fields["shows"] = forms.ChoiceField(
                label="It shows", choices=[this, (LATEST, "always the latest version")]
            )
