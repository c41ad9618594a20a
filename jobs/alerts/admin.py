"""Alerts in the admin: what was told, to whom and when."""

from django.contrib import admin

from jobs.alerts.models import Alert
from jobs.runs.read_only_admin import ReadOnlyAdmin


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts, the newest first."""

    # Nothing is done to alerts, so that none has to be selected.
    actions = None
    list_display = ("schedule_name", "trouble", "begun_at", "over_at", "told_at", "told_over_at")
    list_filter = ("trouble", "begun_at")
    search_fields = ("schedule_name",)
    ordering = ("-begun_at", "-id")
    fields = (
        "schedule", "schedule_name", "trouble", "sentence", "run_id", "told_to", "begun_at",
        "told_at", "over_at", "told_over_at", "is_dropped",
    )  # fmt: skip
