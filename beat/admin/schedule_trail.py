"""What the admin's own pages do to schedules is recorded, and shown as their history."""

from collections.abc import Sequence

from django_celery_beat.models import PeriodicTask

from beat.audit.admin_recording import Affected, RecordedAdmin
from beat.audit.history_admin import TrailInHistory


class ScheduleTrail(TrailInHistory, RecordedAdmin):
    """The trail of schedules."""

    def affected(self, ids: Sequence[int]) -> Affected:
        """Return the schedules themselves."""
        return {PeriodicTask: set(ids)}
