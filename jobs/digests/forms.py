"""The subscription, as its owner changes it."""

from datetime import datetime
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings

from jobs.digests.models import Subscriber
from jobs.digests.registry import section_makers

# What a digest is due by: who changes one of them waits for the next instant of the new one.
WHEN = ("enabled", "cadence", "hour", "weekday", "zone")


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """On or off, how often and when, and what is told."""

    zone = forms.ChoiceField(label="By the clock of")
    sections = forms.MultipleChoiceField(
        label="Tell me about", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Subscriber
        fields = ("enabled", "cadence", "hour", "weekday", "zone", "wants_empty")
        labels = {
            "cadence": "How often",
            "hour": "At",
            "weekday": "If every week, on",
            "wants_empty": "Also when there is nothing new",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        here = self.instance.known_zone
        _offer(self.fields["zone"], [(name, name) for name in _zones(here)])
        self.initial["zone"] = here
        person = self.instance.user
        makers = [maker for maker in section_makers() if maker.is_for(person)]
        self.offered = [maker.name for maker in makers]
        _offer(self.fields["sections"], [(maker.name, maker.title) for maker in makers])
        unwanted = self.instance.unwanted_sections
        self.initial["sections"] = [name for name in self.offered if name not in unwanted]

    def save_at(self, now: datetime) -> Subscriber:
        """Save the subscription; after a change of when, nothing is due up to `now`.

        What was chosen before about a section that is not offered stays.
        """
        subscriber: Subscriber = self.instance
        offered = set(self.offered)
        kept = set(subscriber.unwanted_sections) - offered
        unwanted = kept | (offered - set(self.cleaned_data["sections"]))
        subscriber.unwanted_sections = sorted(unwanted)
        if subscriber.pk is None or set(self.changed_data) & set(WHEN):
            subscriber.due_after_at = now
        subscriber.save()
        return subscriber


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    """Let the field offer these."""
    cast("forms.ChoiceField", field).choices = choices


def _zones(here: str) -> list[str]:
    """Return the zones of places, UTC and `here`; not the many other names of the same ones."""
    known = {name for name in available_timezones() if "/" in name and not name.startswith("Etc")}
    return sorted(known | {"UTC", settings.TIME_ZONE, here})
