"""The admin's look for the fields of forms that the admin does not make itself."""

from django import forms
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES, UnfoldBooleanWidget


def dress(form: forms.BaseForm) -> None:
    """Give each field of a form the admin's look."""
    for field in form.fields.values():
        if isinstance(field.widget, forms.CheckboxInput):
            field.widget = UnfoldBooleanWidget(field.widget.attrs)
            field.widget.is_required = field.required
        elif classes := _classes(field.widget):
            field.widget.attrs["class"] = " ".join(classes)


def _classes(widget: forms.Widget) -> list[str]:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.HiddenInput):
        return []
    if isinstance(widget, forms.Select):
        return list(SELECT_CLASSES)
    if isinstance(widget, forms.Textarea):
        return list(TEXTAREA_CLASSES)
    return list(INPUT_CLASSES)
