"""The choices of a subscriber, as they are made on the page."""

from typing import Any
from zoneinfo import available_timezones

from django import forms

from jobs.reports.delivery.conditions import Is
from jobs.reports.formats import Format
from jobs.reports.models import Subscription

ALWAYS, ROWS, FIGURE = "", "rows", "figure:"
COMPARISONS = [
    (Is.ABOVE.value, "is above"),
    (Is.BELOW.value, "is below"),
    (Is.EQUAL.value, "is exactly"),
    (Is.CHANGED.value, "has changed"),
]


class SubscriptionForm(forms.Form):
    """What is attached, when it is sent, and when it is not wanted."""

    attached_formats = forms.MultipleChoiceField(
        choices=Format.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Attached files",
        help_text="None: the mail has the figures, the chart and the link.",
    )
    send_at = forms.TimeField(
        required=False,
        label="Not before",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Your local time. Empty: as soon as it is made.",
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
    )
    only_if_not_empty = forms.BooleanField(required=False, label="Only if it is not empty")
    about = forms.ChoiceField(required=False, label="Only if", choices=[])
    comparison = forms.ChoiceField(required=False, label="How", choices=COMPARISONS)
    value = forms.FloatField(required=False, label="Number")

    def __init__(
        self, *args: Any, subscription: Subscription, figures: list[str], **kwargs: Any
    ) -> None:
        """Begin with what the subscription says; `figures` are the report's last ones."""
        self.subscription = subscription
        initial = _initial(subscription)
        super().__init__(*args, **{"label_suffix": "", "initial": initial, **kwargs})
        known = [initial["about"].removeprefix(FIGURE)] if FIGURE in initial["about"] else []
        names = dict.fromkeys([*figures, *known])
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            (ALWAYS, "always"),
            (ROWS, "the number of rows"),
            *((FIGURE + name, name) for name in names),
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a comparison with nothing."""
        cleaned = super().clean() or {}
        needs_number = cleaned.get("about") and cleaned.get("comparison") != Is.CHANGED
        if needs_number and cleaned.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Write the number that it is compared with.")
        return cleaned

    def choices(self) -> dict[str, Any]:
        """Return the columns of the subscription; only for a form that is valid."""
        cleaned = self.cleaned_data
        names = ("attached_formats", "send_at", "zone", "only_if_not_empty")
        return {name: cleaned[name] for name in names} | {"condition": self._condition()}

    def _condition(self) -> dict[str, Any]:
        about, comparison = self.cleaned_data["about"], self.cleaned_data["comparison"]
        if not about:
            return {}
        figure = about.removeprefix(FIGURE) if about != ROWS else ""
        value = None if comparison == Is.CHANGED else self.cleaned_data["value"]
        return {"figure": figure, "is": comparison or Is.ABOVE.value, "value": value}


def _initial(subscription: Subscription) -> dict[str, Any]:
    condition = subscription.condition
    figure = condition.get("figure", "")
    about = ALWAYS if not condition else FIGURE + figure if figure else ROWS
    return {
        "attached_formats": subscription.attached_formats,
        "send_at": subscription.send_at,
        "zone": subscription.zone,
        "only_if_not_empty": subscription.only_if_not_empty,
        "about": about,
        "comparison": condition.get("is", Is.ABOVE.value),
        "value": condition.get("value"),
    }
