"""Messages in the admin: to read, and to delete when a person asks for it."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from jobs.feedback.models import FeedbackMessage


@admin.register(FeedbackMessage)
class FeedbackMessageAdmin(ModelAdmin):  # type: ignore[misc]
    """What people wrote; nobody changes it here."""

    list_display = ("excerpt", "name", "email", "made_at", "thanks")
    list_filter = ("thanks",)
    search_fields = ("name", "email", "message")
    ordering = ("-made_at",)
    show_full_result_count = False
    fields = ("name", "email", "message", "made_at", "thanks", "thanked_at", "tries", "trouble")

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
