"""A column for addresses that mail can be sent to."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from jobs.mails.addresses import plain_address


def check_address(address: str) -> None:
    """Raise ValidationError, with a sentence, for what mail cannot be sent to."""
    try:
        plain_address(address)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class MailAddressField(models.EmailField):  # type: ignore[type-arg]
    """An EmailField that also takes what Django's does not: a part before the @ beyond ASCII."""

    default_validators = [check_address]

    def deconstruct(self) -> Any:
        """Return the column as Django's own: in the database it is the same."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    def formfield(self, **options: Any) -> Any:
        """Return a text field: the browser's own kind for addresses knows ASCII only."""
        return super().formfield(**{"form_class": forms.CharField, **options})
