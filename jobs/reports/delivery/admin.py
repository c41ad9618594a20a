"""Mails of reports in the admin: who gets one and when it is held, and the deliveries to read."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from jobs.reports.formats import Format
from jobs.reports.models import DeliveryGate, ReportDelivery, Subscription
from jobs.runs.read_only_admin import ReadOnlyAdmin
from jobs.runs.recorded_admin import RecordedAdmin


class RecipientForm(forms.ModelForm):  # type: ignore[type-arg]
    """A recipient: somebody with an account, or an address of somebody without one."""

    attached_formats = forms.MultipleChoiceField(
        choices=Format.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Files that come with the mail; without any it has links alone.",
    )
    zone = forms.ChoiceField(
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
        initial="UTC",
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Subscription
        fields = (
            "report", "user", "address", "enabled", "attached_formats", "send_at", "zone",
            "only_if_not_empty",
        )  # fmt: skip
        help_texts = {
            "user": "Somebody with an account, who must be allowed to read the report.",
            "address": "Or the address of somebody without an account.",
            "send_at": "By the clock of the zone below; empty: as soon as a version is made.",
            "only_if_not_empty": "No mail about a version without rows.",
        }
        # Browsers take no address beyond ASCII in their own kind of field.
        widgets = {"address": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any]:
        """Refuse a recipient that is both, or neither, or one already."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("user")) == bool(cleaned.get("address")) and not self.errors:
            raise ValidationError("Choose an account, or write an address for somebody without.")
        who = {name: cleaned.get(name) for name in ("report", "user", "address")}
        others = Subscription.objects.exclude(pk=self.instance.pk)
        if not self.errors and others.filter(**who).exists():
            raise ValidationError(f"{who['user'] or who['address']} gets this report already.")
        return cleaned


class OfTheReport:
    """Who may change the report may change what belongs to it."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the person may see reports."""
        return request.user.has_perm("reports.view_report")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the person may change reports."""
        return request.user.has_perm("reports.change_report")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the person may change reports."""
        return request.user.has_perm("reports.change_report")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the person may change reports."""
        return request.user.has_perm("reports.change_report")


@admin.register(Subscription)
class RecipientAdmin(OfTheReport, RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """Who gets which report by mail: thousands, so that they are no part of the report's page."""

    form = RecipientForm
    list_display = ("recipient", "report", "enabled", "send_at", "zone", "only_if_not_empty")
    list_display_links = ("recipient",)
    list_filter = ("enabled", "only_if_not_empty")
    list_select_related = ("report", "user")
    search_fields = ("address", "user__username", "user__email", "report__title")
    autocomplete_fields = ("report", "user")
    ordering = ("report__title", "pk")
    show_full_result_count = False

    @admin.display(description="Recipient")
    def recipient(self, subscription: Subscription) -> str:
        """Return the account, or the address of somebody without one."""
        return str(subscription.user or subscription.address)


class GateInline(OfTheReport, StackedInline):  # type: ignore[misc]
    """When the report's mails wait for the owner's word."""

    model = DeliveryGate
    extra = 0
    verbose_name_plural = "When its mails are held"


@admin.register(ReportDelivery)
class ReportDeliveryAdmin(ReadOnlyAdmin):
    """What became of each mail. Doubtful ones are cleared up at /reports/doubtful/."""

    nothing = "No mail was due yet"
    when_empty = "Each version of a report makes one for each of the report's recipients."
    list_display = ("address", "version", "state", "send_after_at", "sent_at", "smtp_code", "error")
    list_filter = ("state", "version__report")
    list_select_related = ("version__report",)
    search_fields = ("address",)
    ordering = ("-pk",)
