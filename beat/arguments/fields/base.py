"""What all fields of arguments have in common."""

import json
from typing import Any, ClassVar

from django import forms

from beat.arguments.fields.json_texts import is_showable


class _NotGiven:
    """Stands for an argument that is left out, since None is a value."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Any = _NotGiven()


class ArgumentField(forms.Field):
    """A field whose clean value is of JSON's types, or NOT_GIVEN where it is left empty.

    Subclasses read a text that is not empty (`read`) and show a value (`shown`).
    """

    # What an empty field means; None for what is required and may be nothing.
    of_nothing: Any = NOT_GIVEN
    kind_of_value: ClassVar[str] = "text"

    def read(self, text: str) -> Any:
        """Return the value that the text means; raises forms.ValidationError with a sentence."""
        raise NotImplementedError

    def shown(self, value: Any) -> str | None:
        """Return the text that means the value, None when no text does."""
        raise NotImplementedError

    def shown_exactly(self, value: Any) -> str | None:
        """Return the text from which just this value is read again, None when there is none."""
        if value is self.of_nothing:
            return ""
        text = self.shown(value)
        if not text or not is_showable(text):
            return None
        try:
            return text if same(self.clean(text), value) else None
        except forms.ValidationError:
            return None

    def to_python(self, value: Any) -> Any:
        """Return the value of what a browser sends."""
        text = str(value or "").replace("\r\n", "\n")
        return self.read(text) if text else self.of_nothing

    def validate(self, value: Any) -> None:
        """Leave it to the check of the whole call whether something is missing."""


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON: 1, 1.0 and true differ."""
    return type(one) is type(other) and json.dumps(one) == json.dumps(other)
