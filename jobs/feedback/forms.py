"""The public form."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from jobs.feedback.models import FeedbackMessage

SHORTEST_MESSAGE = 5
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
WEB_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)


class FeedbackForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, e-mail and message, and `website`: a field that only robots see and fill."""

    website = forms.CharField(
        required=False,
        label="Leave this field empty",
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    class Meta:
        model = FeedbackMessage
        fields = ("name", "email", "message")
        labels = {"name": "Name (optional)", "email": "E-mail address", "message": "Message"}
        help_texts = {
            "email": "For our thanks. Only the people who run this site see it.",
            "message": f"{SHORTEST_MESSAGE} to 5,000 characters.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "message": forms.Textarea(attrs={"rows": 8, "minlength": SHORTEST_MESSAGE}),
        }
        error_messages = {
            "email": {
                "required": "Write your e-mail address, so that we can answer.",
                "invalid": "Write a whole e-mail address, such as name@example.org.",
            },
            "message": {"required": "Write your message."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_name(self) -> str:
        """Return the name; it goes into a mail, and so it holds no line breaks or links."""
        name: str = self.cleaned_data["name"]
        if CONTROL_CHARACTER.search(name):
            raise ValidationError("Write your name on one line.")
        if WEB_ADDRESS.search(name):
            raise ValidationError("Write your name without a web address.")
        return name

    def clean_email(self) -> str:
        """Return the address in small letters, so that the limit per address knows it again."""
        email: str = self.cleaned_data["email"]
        return email.lower()

    def clean_message(self) -> str:
        """Return the message if it is long enough to say something."""
        message: str = self.cleaned_data["message"]
        if len(message) < SHORTEST_MESSAGE:
            raise ValidationError(f"Write {SHORTEST_MESSAGE} characters or more.")
        return message

    @property
    def is_from_a_robot(self) -> bool:
        """Return whether the field was filled that people do not see."""
        return bool(self.data.get("website"))

    def focus_first_error(self) -> None:
        """Make the browser start at the first field with an error."""
        for field in self.visible_fields():
            if field.errors:
                attributes: dict[str, Any] = field.field.widget.attrs
                attributes["autofocus"] = True
                return
