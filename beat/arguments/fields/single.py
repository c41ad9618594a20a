"""Fields of one value: a text, a number, a choice, an instant."""

import re
from typing import Any

from django import forms
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from beat.arguments.fields.base import ArgumentField
from beat.arguments.fields.json_texts import MOST_DIGITS, from_json, is_showable, to_json

JSON_BEGINS = ("[", "{", '"')
WHOLE = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class TextArgument(ArgumentField):
    """A text on one line."""

    widget = UnfoldAdminTextInputWidget

    def read(self, text: str) -> Any:
        """Return the text."""
        return text

    def shown(self, value: Any) -> str | None:
        """Return the text; a browser drops the ends of lines from such a field."""
        return value if isinstance(value, str) and "\n" not in value else None


class LongTextArgument(TextArgument):
    """A text of several lines."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def shown(self, value: Any) -> str | None:
        """Return the text."""
        # A browser drops the first end of line of such a field.
        return value if isinstance(value, str) and not value.startswith("\n") else None


class NumberArgument(ArgumentField):
    """A number; whole ones only with `is_whole`."""

    def __init__(self, *, is_whole: bool, **options: Any) -> None:
        self.is_whole = is_whole
        attrs = {"inputmode": "numeric" if is_whole else "decimal"}
        super().__init__(widget=UnfoldAdminTextInputWidget(attrs=attrs), **options)

    def read(self, text: str) -> Any:
        """Return an int where the text has no point and no exponent, else a float."""
        text = text.strip()
        if len(text) > MOST_DIGITS:
            raise forms.ValidationError(f"Write a number of at most {MOST_DIGITS:,} digits.")
        if WHOLE.fullmatch(text):
            return int(text)
        if self.is_whole:
            raise forms.ValidationError("Write a whole number, such as 5.")
        if not NUMBER.fullmatch(text):
            raise forms.ValidationError("Write a number, such as 2.5.")
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise forms.ValidationError("This number is too large. Write one below 1e308.")
        return number

    def shown(self, value: Any) -> str | None:
        """Return the number's digits."""
        return to_json(value) if type(value) in (int, float) else None


class ChoiceArgument(ArgumentField):
    """One of a few values; each option's own text is the value's JSON."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, *, values: list[Any], words: dict[str, str] | None = None, **options: Any):
        super().__init__(**options)
        self.values = {to_json(value): value for value in values}
        labels = [
            (key, (words or {}).get(key) or _label(value)) for key, value in self.values.items()
        ]
        self.choices = labels
        self.say_nothing("")

    def say_nothing(self, words: str) -> None:
        """Write what it means to choose nothing."""
        self.widget.choices = [("", words or "choose one"), *self.choices]

    def read(self, text: str) -> Any:
        """Return the value of the option."""
        if text not in self.values:
            raise forms.ValidationError("This is none of the choices. Choose one.")
        return self.values[text]

    def shown(self, value: Any) -> str | None:
        """Return the option."""
        text = to_json(value)
        return text if text in self.values else None


class InputArgument(TextArgument):
    """A text that browsers have an input for, such as a date; `pattern` is what it can show."""

    def __init__(self, *, input_type: str, pattern: str, **options: Any) -> None:
        attrs = {"type": input_type, "class": " ".join(INPUT_CLASSES)}
        if input_type != "date":
            attrs["step"] = "any"
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)
        self.pattern = re.compile(pattern, re.ASCII)

    def read(self, text: str) -> Any:
        """Return the text; whether there is such a day or hour is checked with the type."""
        return text.strip()

    def shown(self, value: Any) -> str | None:
        """Return the text where a browser can show it."""
        return value if isinstance(value, str) and self.pattern.fullmatch(value) else None


class AnyArgument(ArgumentField):
    """A value of any type: JSON, or a text as it is.

    What begins like a list, an object or a quoted text must be JSON. Quotes make a text of what
    else would be a number or true.
    """

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})

    def read(self, text: str) -> Any:
        """Return the JSON value, else the text."""
        if text.strip().startswith(JSON_BEGINS):
            return from_json(text.strip(), '[1, 2], {"name": "value"} or "text"')
        try:
            return from_json(text.strip(), "")
        except forms.ValidationError:
            return text

    def shown(self, value: Any) -> str | None:
        """Return the text where it is read as this text, else JSON."""
        is_plain = isinstance(value, str) and value == value.strip() and is_showable(value)
        if is_plain and not _is_json_like(value):
            return str(value)
        return to_json(value)


class JsonArgument(ArgumentField):
    """A list or an object as JSON."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"})

    def __init__(self, *, example: str, kind: type | None = None, **options: Any) -> None:
        """Make the field; with `kind` (list or dict) it takes no other one."""
        super().__init__(**options)
        self.example = example
        self.kind = kind

    def read(self, text: str) -> Any:
        """Return the JSON value."""
        if not text.strip():
            return self.of_nothing
        value = from_json(text, self.example)
        if self.kind is not None and type(value) is not self.kind:
            word = "list" if self.kind is list else "object"
            raise forms.ValidationError(f"Write a JSON {word} such as {self.example}.")
        return value

    def shown(self, value: Any) -> str | None:
        """Return indented JSON."""
        return to_json(value, indent=2)


def _is_json_like(text: str) -> bool:
    """Return whether the text is read as JSON and not as itself; so is an empty one, as nothing."""
    if not text or text.startswith(JSON_BEGINS):
        return True
    try:
        from_json(text, "")
    except forms.ValidationError:
        return False
    return True


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) and value else to_json(value)
