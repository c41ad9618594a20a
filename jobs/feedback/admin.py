"""Messages in the admin: to read, and to delete when a person asks for it."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from jobs.feedback.models import FeedbackMessage
from jobs.runs.recorded_admin import RecordedAdmin


@admin.register(FeedbackMessage)
class FeedbackMessageAdmin(RecordedAdmin, ModelAdmin):  # type: ignore[misc]
    """What people wrote; nobody changes it here."""

    nothing = "Nobody has written yet"
    when_empty = "Messages come from the feedback form."
    list_display = ("excerpt", "name", "email", "made_at", "thanks")
    list_filter = ("thanks",)
    search_fields = ("name", "email", "message")
    ordering = ("-made_at",)
    show_full_result_count = False
    # A person asked for it to be forgotten, so that the trail must not keep it.
    not_recorded = ("name", "email", "message", "sender_key")
    fields = ("name", "email", "message", "made_at", "thanks", "thanked_at", "tries", "trouble")

    def name_in_trail(self, row: FeedbackMessage) -> str:
        """Return words that tell nothing of the message, for the same reason."""
        return f"message {row.pk}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: messages come from the form."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,
        obj: FeedbackMessage | None = None,
    ) -> bool:
        """Nobody: what a person wrote stays as it is."""
        return False
