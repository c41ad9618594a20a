"""Versions and observations in the admin: to read. Runs and files make them."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from jobs.reports.models import Version, VersionQuerySet, WeatherObservation


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that nobody adds, changes or deletes here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: deleting a version must delete its files too, which retention does."""
        return False


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """The versions, newest first, each with the way to its page."""

    nothing = "No report was made yet"
    when_empty = "Each run of the task reports.make makes a version; give it a schedule."
    list_display = ("__str__", "due_at", "made_at", "summary", "page")
    list_filter = ("report",)
    list_select_related = ("report",)
    ordering = ("-made_at",)
    exclude = ("content",)
    readonly_fields = ("page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        """Return the versions without their content, which may be large."""
        found: VersionQuerySet = super().get_queryset(request)
        return found.without_content()

    @admin.display(description="Page")
    def page(self, version: Version) -> str:
        """Return a link to the version's page."""
        return format_html('<a href="{}">Read</a>', version.get_absolute_url())


@admin.register(WeatherObservation)
class WeatherObservationAdmin(ReadOnlyAdmin):
    """What was measured."""

    nothing = "No observation is loaded"
    when_empty = "“manage.py load_weather” loads those that come with Punctual."
    list_display = (
        "day",
        "precipitation_mm",
        "highest_celsius",
        "lowest_celsius",
        "wind_metres_per_second",
    )
    date_hierarchy = "day"
