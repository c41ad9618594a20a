"""The subscription, as its owner changes it."""

from typing import Any

from django import forms

from jobs.digests.models import Subscriber


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """On or off, and how often."""

    class Meta:
        model = Subscriber
        fields = ("enabled", "cadence")
        labels = {"cadence": "How often"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
