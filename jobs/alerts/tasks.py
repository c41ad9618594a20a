"""Looking for troubles, and telling of them."""

from celery import shared_task

from jobs.alerts.looking import look
from jobs.alerts.telling import tell
from jobs.runs.database_clock import database_now


@shared_task(name="alerts.watch")
def watch_schedules() -> dict[str, int]:
    """Begin and end alerts of the schedules of which somebody asks for it, and send the mails.

    A schedule of the code runs it every minute (`CELERY_BEAT_SCHEDULE`).
    """
    now = database_now()
    begun, over = look(now)
    return {"begun": begun, "over": over, "mails": tell(now)}
