"""The form of a policy."""

from typing import Any

from django import forms
from django.core.validators import validate_email

from beat.forms import policy_words
from beat.models import Policy

MOST_ADDRESSES = 20


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

    def clean_alert_to(self) -> str:
        """Return the addresses, one per line and none of them twice."""
        text: str = self.cleaned_data["alert_to"]
        addresses = list(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
        if len(addresses) > MOST_ADDRESSES:
            raise forms.ValidationError(
                f"At most {MOST_ADDRESSES} people can be told; use the address of a list."
            )
        for address in addresses:
            try:
                validate_email(address)
            except forms.ValidationError:
                raise forms.ValidationError(
                    f"“{address}” is no e-mail address; write one per line."
                ) from None
        return "\n".join(addresses)

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
