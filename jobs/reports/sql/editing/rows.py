"""The rows of the page's three lists: parameters, columns and sections."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from jobs.reports.columns import DIGITS
from jobs.reports.content import ChartKind
from jobs.reports.content_json import value_to_json
from jobs.reports.parameters import TYPES, Parameter, ParameterError
from jobs.reports.sql.calculations import Calculation
from jobs.reports.sql.sections import MOST_POINTS, SectionKind
from jobs.reports.values import ValueType

CHOICE = "choice"
NOTHING = [("", "\N{EN DASH}")]
CODE = forms.TextInput({"spellcheck": "false", "autocomplete": "off"})
MOST_ROWS = 60


class ParameterRow(forms.Form):
    """A parameter, and what the preview takes for it."""

    name = forms.CharField(max_length=63, widget=CODE, help_text="In the query: :its_name")
    # A browser posts the first choice of an empty row too; as the initial one it is no change.
    kind = forms.ChoiceField(
        choices=[(one, one) for one in (*TYPES, CHOICE)], initial=TYPES[0], label="Type"
    )
    default = forms.CharField(required=False, help_text="Empty: a schedule has to give it.")
    choices = forms.CharField(required=False, help_text="For a choice, with commas.")
    help = forms.CharField(required=False, max_length=200, label="What it means")
    example = forms.CharField(required=False, label="For the preview")

    def clean(self) -> dict[str, Any]:
        """Check the parameter as the registry does."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                parameter = self.parameter
                if cleaned["example"]:
                    parameter.read(cleaned["example"])
            except ParameterError as problem:
                raise forms.ValidationError(str(problem)) from None
        return cleaned

    @property
    def parameter(self) -> Parameter:
        """Return the parameter; raise ParameterError."""
        said = self.cleaned_data
        is_choice = said["kind"] == CHOICE
        choices = tuple(words(said["choices"])) if is_choice else ()
        if is_choice and not choices:
            raise ParameterError(f"The choice {said['name']!r} has nothing to choose. Write some.")
        type_ = ValueType.TEXT if is_choice else ValueType(said["kind"])
        return Parameter(said["name"], type_, said["default"] or None, said["help"], choices)

    def as_json(self) -> dict[str, Any]:
        """Return the parameter as a definition keeps it."""
        one = self.parameter
        return {
            "name": one.name,
            "type": one.type.value,
            "default": value_to_json(one.default),
            "help": one.help,
            "choices": list(one.choices),
        }


class ColumnRow(forms.Form):
    """How a column of the answer is shown."""

    name = forms.CharField(max_length=200, widget=CODE, help_text="As the query calls it.")
    label = forms.CharField(required=False, max_length=200, label="Shown as")
    type = forms.ChoiceField(
        required=False,
        choices=[("", "as it comes"), *((one.value, one.value) for one in ValueType)],
    )
    unit = forms.CharField(required=False, max_length=20)
    digits = forms.IntegerField(required=False, min_value=0, max_value=DIGITS[-1])

    def as_json(self) -> dict[str, Any]:
        """Return the column as a definition keeps it."""
        return {
            name: self.cleaned_data[name] for name in ("name", "label", "type", "unit", "digits")
        }


class SectionRow(forms.Form):
    """A section of the report."""

    kind = forms.ChoiceField(
        choices=[(one.value, one.value) for one in SectionKind], initial=SectionKind.HEADING
    )
    text = forms.CharField(
        max_length=2_000, label="Title or text", widget=forms.Textarea({"rows": 1})
    )
    calculation = forms.ChoiceField(
        required=False,
        choices=NOTHING + [(one.value, one.value) for one in Calculation],
        help_text="Of a figure.",
    )
    columns = forms.CharField(
        required=False, widget=CODE, help_text="With commas. Of a table, none: all."
    )
    label = forms.CharField(
        required=False, widget=CODE, label="Labels from", help_text="A column, for a chart."
    )
    chart = forms.ChoiceField(
        required=False, choices=NOTHING + [(one.value, one.value) for one in ChartKind]
    )
    points = forms.IntegerField(
        required=False, min_value=1, max_value=MOST_POINTS, help_text="Of a chart at most."
    )

    def clean(self) -> dict[str, Any]:
        """Check that a figure and a chart have what they need."""
        said = super().clean() or {}
        columns, kind = words(said.get("columns", "")), said.get("kind")
        if kind == SectionKind.FIGURE:
            is_count = said.get("calculation") in ("", Calculation.COUNT)
            if len(columns) != 1 and not (is_count and not columns):
                self.add_error("columns", "Write the one column that the figure is made of.")
        if kind == SectionKind.CHART:
            if not 1 <= len(columns) <= 4:
                self.add_error("columns", "Write one to four columns of numbers.")
            if not said.get("label"):
                self.add_error("label", "Write the column whose values stand below the chart.")
        return said

    def as_json(self) -> dict[str, Any]:
        """Return the section as a definition keeps it, without what its kind does not have."""
        said = self.cleaned_data
        kept = {"kind": said["kind"], "text": said["text"], "columns": words(said["columns"])}
        if said["kind"] == SectionKind.FIGURE:
            kept["calculation"] = said["calculation"] or Calculation.COUNT.value
        if said["kind"] == SectionKind.CHART:
            kept |= {name: said[name] for name in ("label", "chart", "points")}
        return kept


class RowsFormSet(BaseFormSet):  # type: ignore[type-arg]
    """Rows in an order; one that is left empty counts for nothing."""

    @classmethod
    def get_ordering_widget(cls) -> type[forms.Widget]:
        """Return a field for the row's place."""
        return forms.NumberInput

    def as_json(self) -> list[dict[str, Any]]:
        """Return the rows as a definition keeps them, in their order; they must be valid."""
        return [form.as_json() for form in self.kept]

    @property
    def kept(self) -> list[Any]:
        """Return the forms of the rows, without those that are empty or to be taken away."""
        return [form for form in self.ordered_forms if form.cleaned_data]


def words(text: str) -> list[str]:
    """Return the words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _rows(row: type[forms.Form], empty: int) -> Any:
    return formset_factory(
        row,
        formset=RowsFormSet,
        extra=empty,
        can_order=True,
        can_delete=True,
        max_num=MOST_ROWS,
        validate_max=True,
    )


ParameterRows = _rows(ParameterRow, 1)
ColumnRows = _rows(ColumnRow, 2)
SectionRows = _rows(SectionRow, 2)
