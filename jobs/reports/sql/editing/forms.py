"""The forms of a report's words, and of its query."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings

from jobs.reports.models import Report, SqlDefinition
from jobs.reports.registry import SLUG, definitions_in_code
from jobs.reports.sql.errors import QueryError
from jobs.reports.sql.sources import sources
from jobs.reports.sql.summary import places_of

MOST_HOURS = 24 * 366


class WordsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the report is called, and who reads it."""

    class Meta:
        model = Report
        fields = ("title", "slug", "description", "groups")
        labels = {"slug": "Short name", "groups": "Readable by"}
        help_texts = {"slug": "For schedules and file names, such as orders-by-day."}
        widgets = {
            "description": forms.Textarea({"rows": 2}),
            "groups": forms.CheckboxSelectMultiple,
        }

    def clean_slug(self) -> str:
        """Refuse what is no slug, and one of a report that is written in code."""
        slug: str = self.cleaned_data["slug"]
        if not SLUG.fullmatch(slug):
            raise forms.ValidationError("Use lower-case letters, digits and single hyphens.")
        if slug in definitions_in_code():
            raise forms.ValidationError("A report that is written in code has this name.")
        return slug


class QueryForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is asked, of which source, about which span."""

    source = forms.ChoiceField(help_text="What REPORT_SOURCES names, and can only be read.")

    class Meta:
        model = SqlDefinition
        fields = ("source", "query", "summary", "period_kind", "period_hours", "zone")
        labels = {"period_kind": "About", "period_hours": "Hours", "zone": "Time zone"}
        help_texts = {
            "query": "One SELECT. :period_start and :period_end are the span's instants, "
            ":period_first_day and :period_last_day its days; each parameter is :its_name.",
            "summary": "For example: {rows} orders, {sum:amount} in all. Empty: how many rows.",
            "period_hours": "For the last hours only.",
        }
        widgets = {
            "query": forms.Textarea({"rows": 14, "spellcheck": "false"}),
            "summary": forms.TextInput,
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer the sources that there are, and the one that was chosen once."""
        super().__init__(*arguments, **options)
        names = {*sources(), self.instance.source} - {""}
        self.fields["source"].choices = [(name, name) for name in sorted(names)]  # type: ignore[attr-defined]
        self.fields["zone"].widget.attrs["list"] = "zones"
        self.fields["period_hours"].max_value = MOST_HOURS  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial["zone"] = settings.TIME_ZONE

    def clean_query(self) -> str:
        """Return the query with the line ends that databases and the trail have."""
        query: str = self.cleaned_data["query"]
        return query.replace("\r\n", "\n")

    def clean_zone(self) -> str:
        """Refuse what is no time zone."""
        zone: str = self.cleaned_data["zone"]
        if zone not in available_timezones():
            raise forms.ValidationError("Write an IANA time zone such as UTC or Europe/Berlin.")
        return zone

    def clean_period_hours(self) -> int:
        """Refuse a span that is none."""
        hours: int = self.cleaned_data["period_hours"]
        if not 1 <= hours <= MOST_HOURS:
            raise forms.ValidationError(f"Write 1 to {MOST_HOURS:,} hours.")
        return hours

    def clean_summary(self) -> str:
        """Refuse places that nothing fills in."""
        summary: str = self.cleaned_data["summary"]
        try:
            places_of(summary)
        except QueryError as problem:
            raise forms.ValidationError(str(problem)) from None
        return summary
