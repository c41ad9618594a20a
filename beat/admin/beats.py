"""The beats, for reading."""

from django.contrib import admin
from django.utils import timezone

from beat.heartbeats import verdict
from beat.models import Beat
from jobs.runs.read_only_admin import ReadOnlyAdmin


@admin.register(Beat)
class BeatAdmin(ReadOnlyAdmin):
    """The beats that there are, and what each has achieved."""

    nothing = "No beat has started yet"
    when_empty = "Start one with “celery -A scheduler_site beat”; it appears here by itself."
    list_display = (
        "name", "verdict", "host", "pid", "started_at", "last_tick_at", "last_claim_at",
        "last_publish_at", "claimed_count", "published_count",
    )  # fmt: skip
    ordering = ("-last_tick_at",)

    @admin.display(description="is")
    def verdict(self, beat: Beat) -> str:
        """Return whether it makes progress, in words."""
        return verdict(beat, timezone.now()).word
