"""The admin's look for the fields of forms that the admin does not make itself."""

from collections.abc import Iterable

from django import forms
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES


def dress(all_forms: Iterable[forms.BaseForm]) -> None:
    """Give each field of the forms the admin's look; check boxes keep the browser's."""
    for form in all_forms:
        for field in form.fields.values():
            if classes := _classes(field.widget):
                field.widget.attrs["class"] = " ".join(classes)


def _classes(widget: forms.Widget) -> list[str]:
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        return []
    if isinstance(widget, forms.Select):
        return list(SELECT_CLASSES)
    return list(TEXTAREA_CLASSES if isinstance(widget, forms.Textarea) else INPUT_CLASSES)
