"""The alerts of one schedule, for its page."""

from jobs.alerts.models import Alert


def alerts_of(schedule_id: int) -> list[Alert]:
    """Return the alerts of a schedule that go on, the newest first."""
    return list(Alert.objects.filter(schedule=schedule_id, over_at=None).order_by("-begun_at"))
