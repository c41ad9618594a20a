"""The form of whom a schedule belongs to and what it is filed under."""

import re
from typing import Any

from django import forms
from django.contrib.auth.models import Group

from beat.forms.dressing import dress

LONGEST_TAG = 50
MOST_TAGS = 20


class DetailsForm(forms.Form):
    """Owner and tags; tags are words with commas, made when they are new."""

    owner = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        required=False,
        empty_label="Nobody in particular",
        label="Owner",
        help_text="Only members of this group may touch it then.",
    )
    tags = forms.CharField(
        required=False,
        max_length=1_000,
        label="Tags",
        help_text="Words with commas, to find it by.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the fields their look."""
        super().__init__(*args, **kwargs)
        dress(self)

    def clean_tags(self) -> list[str]:
        """Return the tags' names, each once."""
        names = [re.sub(r"\s+", " ", part).strip() for part in self.cleaned_data["tags"].split(",")]
        tags = list(dict.fromkeys(name for name in names if name))
        if too_long := [tag for tag in tags if len(tag) > LONGEST_TAG]:
            raise forms.ValidationError(
                f"The tag {too_long[0][:20]!r}... is longer than {LONGEST_TAG} characters."
            )
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(f"These are {len(tags)} tags; keep {MOST_TAGS} at most.")
        return tags
