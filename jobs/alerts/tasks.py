"""Looking for troubles, and telling of them."""

from celery import shared_task
from django.utils import timezone

from jobs.alerts.telling import tell
from jobs.alerts.watching import watch


@shared_task(name="alerts.watch")
def watch_schedules() -> dict[str, int]:
    """Begin and end alerts of the schedules whose policies ask for it, and send the mails.

    A schedule of the code runs it every minute (`CELERY_BEAT_SCHEDULE`).
    """
    now = timezone.now()
    begun, over = watch(now)
    return {"begun": begun, "over": over, "mails": tell(now)}
