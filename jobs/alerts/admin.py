"""Alerts in the admin: what was told, to whom and when."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import display

from jobs.alerts.models import Alert, Trouble
from jobs.alerts.of_schedule import told_in_words
from jobs.runs.read_only_admin import ReadOnlyAdmin

SHORT_LENGTH = 120


class StandingFilter(admin.SimpleListFilter):
    """The alerts that go on, or those that are over."""

    title = "how it stands"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two choices."""
        return [("on", "Goes on"), ("over", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        """Return the alerts that were chosen; a word of somebody's own chooses all."""
        choices = {"on": True, "over": False}
        if self.value() not in choices:
            return queryset
        return queryset.filter(over_at__isnull=choices[str(self.value())])


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts, the newest first."""

    nothing = "Nothing is wrong"
    when_empty = (
        "No alert goes on, and none is on record. A schedule's page says under “Alerts” whom to "
        "tell of its troubles; where it names nobody, the addresses of ALERTS_TO are told."
    )
    # Nothing is done to alerts, so that none has to be selected.
    actions = None
    list_display = ("what_and_why", "standing", "begun_at", "beginning_told", "over_at", "end_told")
    list_filter = (StandingFilter, "trouble", "begun_at")
    search_fields = ("schedule_name",)
    ordering = ("-begun_at", "-id")
    fields = (
        "what", "standing", "why", "look_at", "begun_at", "told_of_beginning", "over_at",
        "told_of_end",
    )  # fmt: skip
    readonly_fields = ("what", "standing", "why", "look_at", "told_of_beginning", "told_of_end")

    @admin.display(description="alert", ordering="schedule_name")
    def what(self, alert: Alert) -> str:
        """Return the schedule's name and its trouble."""
        return str(alert)

    @admin.display(description="alert", ordering="schedule_name")
    def what_and_why(self, alert: Alert) -> SafeString:
        """Return the same, and below it the beginning of the reason."""
        why = Truncator(alert.sentence).chars(SHORT_LENGTH)
        words = '{}<br><span class="font-normal text-sm text-font-default-light'
        words += ' dark:text-font-default-dark">{}</span>'
        return format_html(words, alert, why)

    @admin.display(description="what is wrong")
    def why(self, alert: Alert) -> str:
        """Return the sentence that was told."""
        return alert.sentence

    @display(  # type: ignore[untyped-decorator]
        description="how it stands", label={"goes on": "danger", "over": "success"}
    )
    def standing(self, alert: Alert) -> str:
        """Return whether it goes on."""
        return "over" if alert.is_over else "goes on"

    @admin.display(description="told", ordering="told_at")
    def beginning_told(self, alert: Alert) -> datetime | None:
        """Return when everybody was told of the beginning."""
        return alert.told_at

    @admin.display(description="told that it is over", ordering="told_over_at")
    def end_told(self, alert: Alert) -> datetime | None:
        """Return when everybody was told of the end."""
        return alert.told_over_at

    @admin.display(description="where to look")
    def look_at(self, alert: Alert) -> SafeString:
        """Return a link to the run, the schedule or the beats."""
        return format_html('<a class="underline" href="{}">{}</a>', alert.address, _place(alert))

    @admin.display(description="told of the beginning")
    def told_of_beginning(self, alert: Alert) -> str:
        """Return who was told of the beginning."""
        return told_in_words(alert)

    @admin.display(description="told of the end")
    def told_of_end(self, alert: Alert) -> str:
        """Return who was told of the end."""
        if not alert.is_over:
            return "It goes on."
        if alert.is_dropped:
            return "Nobody is told: nothing asks for it any more."
        return told_in_words(alert, is_end=True)


def _place(alert: Alert) -> str:
    """Return what the alert's address leads to."""
    if alert.trouble == Trouble.SILENT:
        return "Workers and beats"
    if alert.run_id is not None:
        return f"The run of {alert.schedule_name}"
    return "The runs" if alert.schedule_id is None else f"The schedule {alert.schedule_name}"
