"""A list of simple values, one on each line."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from beat.arguments.fields.base import NOT_GIVEN, ArgumentField


class LinesArgument(ArgumentField):
    """A list; each line is read by the field of one entry, and empty lines count for nothing."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def __init__(self, *, entry: ArgumentField, **options: Any) -> None:
        super().__init__(**options)
        self.entry = entry

    def read(self, text: str) -> Any:
        """Return the list of the lines' values."""
        values = []
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                values.append(self.entry.read(line.strip()))
            except forms.ValidationError as problem:
                raise forms.ValidationError(f"Line {number}: {problem.messages[0]}") from None
        return values

    def shown(self, value: Any) -> str | None:
        """Return a line for each entry."""
        if not isinstance(value, list) or not value:
            return None
        lines = [self.entry.shown_exactly(each) for each in value]
        if any(line is None or line != line.strip() or "\n" in line for line in lines):
            return None
        return "\n".join(line or "" for line in lines)

    def shown_exactly(self, value: Any) -> str | None:
        """Return the text from which just this list is read again; of an empty one, nothing."""
        if value == [] and self.of_nothing == []:
            return ""
        return super().shown_exactly(value)


__all__ = ["NOT_GIVEN", "LinesArgument"]
