"""Runs in the admin: to read, never to write."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from jobs.runs.models import Run


@admin.register(Run)
class RunAdmin(ModelAdmin):  # type: ignore[misc]
    """The ledger's rows. Nobody may add, change or delete one here: it is a record."""

    list_display = ("title", "state", "due_at", "duration", "attempt", "worker")
    list_filter = ("state", "kind")
    ordering = ("-due_at", "-id")
    show_full_result_count = False
    list_select_related = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        """Nobody; retention deletes."""
        return False
