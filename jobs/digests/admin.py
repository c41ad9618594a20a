"""Subscribers, to edit, and deliveries, to read."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from jobs.digests.models import Delivery, Subscriber
from jobs.runs.recorded_admin import RecordedAdmin


@admin.register(Subscriber)
class SubscriberAdmin(RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """Who gets digests."""

    nothing = "Nobody has subscribed yet"
    when_empty = "People choose for themselves at “Digest”, or you subscribe them here."
    list_display = ("user", "cadence", "hour", "zone", "enabled", "covered_until")
    list_filter = ("cadence", "enabled")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    autocomplete_fields = ("user",)
    readonly_fields = ("covered_until", "unwanted_sections")
    # What sending writes.
    not_recorded = ("covered_until", "due_after_at", "claim", "claimed_until")


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):  # type: ignore[misc]
    """What became of each digest; a record that nobody changes."""

    nothing = "No digest was due yet"
    when_empty = "A schedule of the task digests.send_due makes one for each subscriber."
    list_display = ("subscriber", "covered_until", "state", "sent_at", "error")
    list_filter = ("state",)
    list_select_related = ("subscriber__user",)
    ordering = ("-covered_until", "-pk")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: digests.send makes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """Nobody; retention deletes."""
        return False
